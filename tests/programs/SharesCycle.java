/**
 * Two methods that share a fixed cycle of 20 ms by the wall clock, 14 ms and 6 ms, as a ticking service does:
 * {@code SharesCycle CPU_SECONDS}. A sampler that fires at a fixed period of 10 ms meets the same phase for ever.
 */
public final class SharesCycle {
    private static final long CYCLE_NANOS = 20_000_000;
    private static final long HEAVY_NANOS = 14_000_000;

    public static void main(String[] args) {
        long nanos = (long) (Truth.number(args, 0, 84) * 1e9);
        long start = System.nanoTime();
        long heavy = 0;
        long light = 0;
        for (long i = 0; heavy + light < nanos; i++) {
            heavy += heavy(start + i * CYCLE_NANOS + HEAVY_NANOS);
            light += light(start + (i + 1) * CYCLE_NANOS);
        }
        Truth.tell("heavy_cpu_ns", heavy);
        Truth.tell("light_cpu_ns", light);
        Truth.tellProcessCpu();
    }

    static long heavy(long until) {
        return burn(until);
    }

    static long light(long until) {
        return burn(until);
    }

    private static long burn(long until) {
        long cpu = Truth.threadCpuNanos();
        while (System.nanoTime() < until) {
            Burn.work();
        }
        return Truth.threadCpuNanos() - cpu;
    }
}
