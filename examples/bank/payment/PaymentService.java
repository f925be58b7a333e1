package bank.payment;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The payment service of the bank, on the JDK alone.
 *
 * <p>Environment: {@code PORT} (8082; 0 takes any free one), {@code WORKERS} (4), {@code OPTIMIZED} (false).
 * Prints one line with its address once it takes requests, and ends on SIGTERM.
 */
public final class PaymentService {
    private PaymentService() {}

    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8082"));
        int workers = Integer.parseInt(System.getenv().getOrDefault("WORKERS", "4"));
        boolean optimized = Boolean.parseBoolean(System.getenv("OPTIMIZED"));

        // Without this each answer waits some 40 ms: head and body go out apart, and the client's acknowledgement is delayed.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        PaymentVerticle payments = new PaymentVerticle(optimized);
        ExecutorService pool = Executors.newFixedThreadPool(workers);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(pool);
        server.createContext("/payments", payments);
        server.createContext("/health", exchange -> {
            byte[] body = ("{\"accepted\":" + payments.accepted() + "}").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        System.out.println("payment service on http://127.0.0.1:" + server.getAddress().getPort()
                + (optimized ? " (digest kept per thread)" : ""));
        System.out.flush();
    }
}
