import java.util.ArrayList;
import java.util.List;

/** Allocates as fast as it can and keeps a part for a while, so that the collector works: {@code GcHeavy SECONDS THREADS}. */
public final class GcHeavy {
    public static void main(String[] args) throws InterruptedException {
        long end = System.nanoTime() + (long) (Truth.number(args, 0, 3) * 1e9);
        Thread[] threads = new Thread[(int) Truth.number(args, 1, 2)];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> allocate(end), "allocate-" + i);
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Truth.tellProcessCpu();
    }

    static void allocate(long end) {
        List<byte[]> kept = new ArrayList<>();
        while (System.nanoTime() < end) {
            for (int i = 0; i < 1_000; i++) {
                byte[] block = new byte[1_000 + i];
                if (i % 10 == 0) {
                    kept.add(block);
                }
            }
            if (kept.size() > 20_000) {
                kept.clear();
            }
        }
    }
}
