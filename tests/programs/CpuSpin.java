import java.util.concurrent.atomic.AtomicLong;

/** Burns CPU in N threads at once: {@code CpuSpin THREADS CPU_SECONDS_IN_ALL}. */
public final class CpuSpin {
    public static void main(String[] args) throws InterruptedException {
        int count = (int) Truth.number(args, 0, 1);
        long share = (long) (Truth.number(args, 1, 1) * 1e9 / count);
        AtomicLong burnt = new AtomicLong();
        Thread[] threads = new Thread[count];
        for (int i = 0; i < count; i++) {
            threads[i] = new Thread(() -> burnt.addAndGet(spin(share)), "spin-" + i);
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Truth.tell("spin_cpu_ns", burnt);
        Truth.tellProcessCpu();
    }

    static long spin(long nanos) {
        return Burn.cpu(nanos);
    }
}
