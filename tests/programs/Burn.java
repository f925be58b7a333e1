/** Work that costs CPU and cannot be optimised away. */
final class Burn {
    private static volatile long sink;

    private Burn() {}

    /** Some tens of microseconds of arithmetic. */
    static void work() {
        long x = sink + 0x9E3779B97F4A7C15L;
        for (int i = 0; i < 20_000; i++) {
            x ^= x << 13;
            x ^= x >>> 7;
            x ^= x << 17;
        }
        sink = x;
    }

    /** Burns the given time on this thread's CPU clock and returns what was burnt. */
    static long cpu(long nanos) {
        long start = Truth.threadCpuNanos();
        long now = start;
        while (now - start < nanos) {
            work();
            now = Truth.threadCpuNanos();
        }
        return now - start;
    }
}
