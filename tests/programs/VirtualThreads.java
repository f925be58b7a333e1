import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Burns CPU in virtual threads that park between the pieces: {@code VirtualThreads SECONDS}. The API is called by reflection, so
 * that the program compiles for JDK 11; it needs 21 to run.
 */
public final class VirtualThreads {
    private static final int THREADS = 40;

    public static void main(String[] args) throws Exception {
        long end = System.nanoTime() + (long) (Truth.number(args, 0, 4) * 1e9);
        ExecutorService executor =
                (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        run(executor, end);
        executor.shutdown();
        Truth.tellProcessCpu();
    }

    private static void run(Executor executor, long end) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(THREADS);
        for (int i = 0; i < THREADS; i++) {
            executor.execute(() -> {
                virtualWork(end);
                done.countDown();
            });
        }
        done.await();
    }

    static void virtualWork(long end) {
        while (System.nanoTime() < end) {
            for (int i = 0; i < 200; i++) {
                Burn.work();
            }
            java.util.concurrent.locks.LockSupport.parkNanos(500_000);
        }
    }
}
