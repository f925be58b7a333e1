/** Burns CPU at the bottom of a deep recursion: {@code DeepStack DEPTH SECONDS}. */
public final class DeepStack {
    private static final long STACK_BYTES = 256L << 20;

    public static void main(String[] args) throws InterruptedException {
        int depth = (int) Truth.number(args, 0, 3_000);
        long nanos = (long) (Truth.number(args, 1, 3) * 1e9);
        Thread thread = new Thread(null, () -> descend(depth, nanos), "deep", STACK_BYTES);
        thread.start();
        thread.join();
        Truth.tellProcessCpu();
    }

    static int descend(int depth, long nanos) {
        if (depth == 0) {
            leaf(nanos);
            return 0;
        }
        return 1 + descend(depth - 1, nanos);
    }

    static void leaf(long nanos) {
        Burn.cpu(nanos);
    }
}
