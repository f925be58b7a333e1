/**
 * The same work in every run, at the bottom of a stack of the given depth: {@code FixedWork DEPTH ROUNDS}. Two runs differ in
 * CPU only by what is done to them from outside.
 */
public final class FixedWork {
    public static void main(String[] args) {
        int depth = (int) Truth.number(args, 0, 20);
        int rounds = (int) Truth.number(args, 1, 10_000);
        descend(depth, rounds);
        Truth.tellProcessCpu();
    }

    static int descend(int depth, int rounds) {
        if (depth > 0) {
            return 1 + descend(depth - 1, rounds);
        }
        for (int i = 0; i < rounds; i++) {
            Burn.work();
        }
        return 0;
    }
}
