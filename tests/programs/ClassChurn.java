import java.io.IOException;
import java.io.InputStream;

/**
 * Defines a class in a loader of its own, burns CPU in it and drops the loader, over and over, so that classes are unloaded while
 * samples of them are under way: {@code ClassChurn SECONDS}.
 */
public final class ClassChurn {
    private static final int COLLECT_EVERY = 50;

    /** Loaded again and again by {@link Once}. */
    public static final class Victim implements Runnable {
        @Override
        public void run() {
            burn(2_000);
        }

        private static long burn(int rounds) {
            long x = System.nanoTime() | 1;
            for (int i = 0; i < rounds * 100; i++) {
                x ^= x << 13;
                x ^= x >>> 7;
                x ^= x << 17;
            }
            if (x == 42) {
                System.out.println("never");
            }
            return x;
        }
    }

    private static final class Once extends ClassLoader {
        Once() {
            super(ClassChurn.class.getClassLoader());
        }

        Class<?> define(byte[] bytes) {
            return defineClass("ClassChurn$Victim", bytes, 0, bytes.length);
        }
    }

    public static void main(String[] args) throws IOException, ReflectiveOperationException, InterruptedException {
        long end = System.nanoTime() + (long) (Truth.number(args, 0, 5) * 1e9);
        byte[] bytes;
        try (InputStream in = ClassChurn.class.getResourceAsStream("ClassChurn$Victim.class")) {
            bytes = in.readAllBytes();
        }
        long classes = 0;
        while (System.nanoTime() < end) {
            ((Runnable) new Once().define(bytes).getDeclaredConstructor().newInstance()).run();
            if (++classes % COLLECT_EVERY == 0) {
                System.gc();
            }
        }
        Truth.tell("classes", classes);
        Truth.tell("unloaded", java.lang.management.ManagementFactory.getClassLoadingMXBean().getUnloadedClassCount());
        Truth.tellProcessCpu();
    }
}
