/** The least a JVM does: for start-up cost and for runs that must not be disturbed. */
public final class HelloWorld {
    public static void main(String[] args) {
        System.out.println("hello");
    }
}
