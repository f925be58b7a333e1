import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Starts and ends threads of many lengths all the time: {@code ThreadChurn SECONDS FEEDERS}. */
public final class ThreadChurn {
    public static void main(String[] args) throws InterruptedException {
        long end = System.nanoTime() + (long) (Truth.number(args, 0, 5) * 1e9);
        int feeders = (int) Truth.number(args, 1, 4);
        AtomicLong started = new AtomicLong();
        Thread[] threads = new Thread[feeders];
        for (int i = 0; i < feeders; i++) {
            threads[i] = new Thread(() -> feed(end, started), "feeder-" + i);
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Truth.tell("threads", started);
        Truth.tellProcessCpu();
    }

    private static void feed(long end, AtomicLong started) {
        while (System.nanoTime() < end) {
            long nanos = ThreadLocalRandom.current().nextLong(20_000, 5_000_000);
            Thread thread = new Thread(() -> Burn.cpu(nanos), "churn");
            thread.start();
            started.incrementAndGet();
            try {
                thread.join();
            } catch (InterruptedException e) {
                return;
            }
        }
    }
}
