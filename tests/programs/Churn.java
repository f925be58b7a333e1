/** Thread churn, class churn and garbage at the same time, for soaking: {@code Churn SECONDS}. */
public final class Churn {
    private interface Part {
        void run(String[] args) throws Exception;
    }

    public static void main(String[] args) throws InterruptedException {
        String seconds = args.length > 0 ? args[0] : "5";
        Thread[] parts = {
            part("thread churn", ThreadChurn::main, seconds, "2"),
            part("class churn", ClassChurn::main, seconds),
            part("garbage", GcHeavy::main, seconds, "1"),
            part("recursion", arguments -> deep(Long.parseLong(arguments[0])), seconds),
        };
        for (Thread thread : parts) {
            thread.join();
        }
        Truth.tellProcessCpu();
        Truth.tell("ended", true);
    }

    private static void deep(long seconds) throws InterruptedException {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        while (System.nanoTime() < end) {
            DeepStack.descend(200, 5_000_000);
            Thread.sleep(5);
        }
    }

    private static Thread part(String name, Part part, String... args) {
        Thread thread = new Thread(() -> {
            try {
                part.run(args);
            } catch (Exception e) {
                throw new IllegalStateException(name, e);
            }
        }, name);
        thread.start();
        return thread;
    }
}
