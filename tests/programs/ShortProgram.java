/**
 * A busy program and its end: {@code ShortProgram SECONDS normal|exit|halt|wait}. The last half second is spent in
 * {@link #lastWords}, which therefore is only seen if the last partial interval arrives. {@code wait} then sleeps until killed.
 */
public final class ShortProgram {
    public static void main(String[] args) throws InterruptedException {
        double seconds = Truth.number(args, 0, 25);
        String end = args.length > 1 ? args[1] : "normal";
        long last = 500_000_000L;
        firstWords((long) (seconds * 1e9) - last);
        lastWords(last);
        Truth.tellProcessCpu();
        Truth.tell("ready", end);
        switch (end) {
            case "normal":
                break;
            case "exit":
                System.exit(3);
                break;
            case "halt":
                Runtime.getRuntime().halt(4);
                break;
            case "wait":
                Thread.sleep(120_000);
                break;
            default:
                throw new IllegalArgumentException(end);
        }
    }

    static void firstWords(long nanos) {
        Burn.cpu(nanos);
    }

    static void lastWords(long nanos) {
        Burn.cpu(nanos);
    }
}
