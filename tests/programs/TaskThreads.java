import java.util.concurrent.atomic.AtomicLong;

/**
 * A new thread for each task of 2 ms, so that no thread lives as long as a sampling interval:
 * {@code TaskThreads CPU_SECONDS_IN_ALL}.
 */
public final class TaskThreads {
    private static final long TASK_NANOS = 2_000_000;

    public static void main(String[] args) throws InterruptedException {
        long left = (long) (Truth.number(args, 0, 20) * 1e9);
        AtomicLong burnt = new AtomicLong();
        long threads = 0;
        while (burnt.get() < left) {
            Thread first = task(burnt);
            Thread second = task(burnt);
            first.join();
            second.join();
            threads += 2;
        }
        Truth.tell("threads", threads);
        Truth.tell("task_cpu_ns", burnt);
        Truth.tellProcessCpu();
    }

    private static Thread task(AtomicLong burnt) {
        Thread thread = new Thread(() -> burnt.addAndGet(Burn.cpu(TASK_NANOS)), "task");
        thread.start();
        return thread;
    }
}
