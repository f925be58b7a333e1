import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.LongFunction;

/**
 * Burns CPU under every kind of class that a JVM makes up while it runs: lambdas, method handles, proxies, reflection accessors
 * and hidden classes. {@code GeneratedClasses CPU_SECONDS}. Their names carry numbers and addresses that differ from run to run.
 */
public final class GeneratedClasses {
    /** The body of the hidden class; its bytes are read back and defined again without a name of its own. */
    public static final class Template implements Runnable {
        @Override
        public void run() {
            hiddenWork();
        }
    }

    public static void main(String[] args) throws Throwable {
        long end = Truth.threadCpuNanos() + (long) (Truth.number(args, 0, 3) * 1e9);
        Method reflected = GeneratedClasses.class.getDeclaredMethod("reflectedWork");
        MethodHandle handle = MethodHandles.lookup()
                .findStatic(GeneratedClasses.class, "handleWork", MethodType.methodType(void.class));
        Runnable proxy = (Runnable) Proxy.newProxyInstance(
                GeneratedClasses.class.getClassLoader(), new Class<?>[] {Runnable.class}, new Handler());
        LongFunction<Long> lambda = millis -> lambdaWork(millis);
        Runnable hidden = hidden();
        while (Truth.threadCpuNanos() < end) {
            lambda.apply(10);
            proxy.run();
            handle.invokeExact();
            reflected.invoke(null);
            hidden.run();
        }
        Truth.tell("hidden", hidden.getClass() != Template.class);
        Truth.tellProcessCpu();
    }

    static final class Handler implements InvocationHandler {
        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) {
            proxyWork();
            return null;
        }
    }

    static long lambdaWork(long millis) {
        return Burn.cpu(millis * 1_000_000);
    }

    static void proxyWork() {
        Burn.cpu(10_000_000);
    }

    static void handleWork() {
        Burn.cpu(10_000_000);
    }

    static void reflectedWork() {
        Burn.cpu(10_000_000);
    }

    static void hiddenWork() {
        Burn.cpu(10_000_000);
    }

    /** JDK 15 and later have hidden classes; before, {@code Unsafe} makes anonymous ones. Both are called by reflection. */
    private static Runnable hidden() throws ReflectiveOperationException, java.io.IOException {
        byte[] bytes;
        try (InputStream in = GeneratedClasses.class.getResourceAsStream("GeneratedClasses$Template.class")) {
            bytes = in.readAllBytes();
        }
        Class<?> made;
        if (Runtime.version().feature() >= 15) {
            Class<?> option = Class.forName("java.lang.invoke.MethodHandles$Lookup$ClassOption");
            Object none = java.lang.reflect.Array.newInstance(option, 0);
            Object lookup = MethodHandles.Lookup.class
                    .getMethod("defineHiddenClass", byte[].class, boolean.class, none.getClass())
                    .invoke(MethodHandles.lookup(), bytes, true, none);
            made = ((MethodHandles.Lookup) lookup).lookupClass();
        } else {
            Class<?> unsafe = Class.forName("sun.misc.Unsafe");
            java.lang.reflect.Field field = unsafe.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            made = (Class<?>) unsafe.getMethod("defineAnonymousClass", Class.class, byte[].class, Object[].class)
                    .invoke(field.get(null), GeneratedClasses.class, bytes, null);
        }
        return (Runnable) made.getDeclaredConstructor().newInstance();
    }
}
