import java.time.Instant;

/**
 * One busy thread that notes its own CPU clock every few milliseconds: {@code Continuity SECONDS}. The notes are printed as
 * {@code clock EPOCH_NANOS CPU_NANOS}, so that the test can tell at what CPU time each sample was taken.
 */
public final class Continuity {
    private static final long NOTE_EVERY_NANOS = 2_000_000;

    public static void main(String[] args) throws InterruptedException {
        long seconds = (long) Truth.number(args, 0, 20);
        int notes = (int) (seconds * 1_000_000_000L / NOTE_EVERY_NANOS) + 1_000;
        long[] epoch = new long[notes];
        long[] cpu = new long[notes];
        Thread thread = new Thread(() -> Truth.tell("notes", spin(seconds * 1_000_000_000L, epoch, cpu)), "continuity");
        thread.start();
        thread.join();
        Truth.tellProcessCpu();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < notes && epoch[i] != 0; i++) {
            text.append("clock ").append(epoch[i]).append(' ').append(cpu[i]).append('\n');
        }
        System.out.print(text);
        System.out.flush();
    }

    static int spin(long nanos, long[] epoch, long[] cpu) {
        long end = System.nanoTime() + nanos;
        long next = System.nanoTime();
        int count = 0;
        while (next < end && count < epoch.length) {
            long now = System.nanoTime();
            if (now >= next) {
                Instant instant = Instant.now();
                cpu[count] = Truth.threadCpuNanos();
                epoch[count] = instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
                count++;
                next = now + NOTE_EVERY_NANOS;
            }
            Burn.work();
        }
        return count;
    }
}
