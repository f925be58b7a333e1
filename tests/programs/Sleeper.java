/** Sleeps, with a little work in between, until its time is over: {@code Sleeper SECONDS}. For attaching and for quiet services. */
public final class Sleeper {
    public static void main(String[] args) throws InterruptedException {
        long end = System.nanoTime() + (long) (Truth.number(args, 0, 5) * 1e9);
        Truth.tell("ready", true);
        while (System.nanoTime() < end) {
            awake();
            Thread.sleep(10);
        }
        Truth.tellProcessCpu();
        Truth.tell("ended", true);
    }

    static void awake() {
        Burn.cpu(10_000_000);
    }
}
