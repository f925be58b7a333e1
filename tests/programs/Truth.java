import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** What a program knows of itself, printed as {@code truth key=value} for the test that started it. */
final class Truth {
    private static final OperatingSystemMXBean OS = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Truth() {}

    static void tell(String key, Object value) {
        System.out.println("truth " + key + "=" + value);
        System.out.flush();
    }

    static long processCpuNanos() {
        return OS.getProcessCpuTime();
    }

    static long threadCpuNanos() {
        return THREADS.getCurrentThreadCpuTime();
    }

    static void tellProcessCpu() {
        tell("process_cpu_ns", processCpuNanos());
    }

    static double number(String[] args, int index, double otherwise) {
        return args.length > index ? Double.parseDouble(args[index]) : otherwise;
    }
}
