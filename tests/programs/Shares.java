import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Two methods that burn CPU 70:30, in turns of random length: {@code Shares THREADS CPU_SECONDS_IN_ALL}.
 * The lengths have no common period, so a fixed sampling period must not matter here.
 */
public final class Shares {
    private static final AtomicLong HEAVY = new AtomicLong();
    private static final AtomicLong LIGHT = new AtomicLong();

    public static void main(String[] args) throws InterruptedException {
        int count = (int) Truth.number(args, 0, 2);
        long share = (long) (Truth.number(args, 1, 84) * 1e9 / count);
        Thread[] threads = new Thread[count];
        for (int i = 0; i < count; i++) {
            Random random = new Random(20_260_000L + i);
            threads[i] = new Thread(() -> run(random, share), "shares-" + i);
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Truth.tell("heavy_cpu_ns", HEAVY);
        Truth.tell("light_cpu_ns", LIGHT);
        Truth.tellProcessCpu();
    }

    private static void run(Random random, long nanos) {
        long end = Truth.threadCpuNanos() + nanos;
        long heavy = 0;
        long light = 0;
        while (Truth.threadCpuNanos() < end) {
            heavy += heavy((long) (700_000 * (1 + 10 * random.nextDouble())));
            light += light((long) (300_000 * (1 + 10 * random.nextDouble())));
        }
        HEAVY.addAndGet(heavy);
        LIGHT.addAndGet(light);
    }

    static long heavy(long nanos) {
        return Burn.cpu(nanos);
    }

    static long light(long nanos) {
        return Burn.cpu(nanos);
    }
}
