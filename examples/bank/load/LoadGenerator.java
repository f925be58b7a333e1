package bank.load;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends payments to the payment service at a bounded rate for a bounded time, then prints what came back.
 *
 * <p>Options: {@code --url} (needed, e.g. http://127.0.0.1:8082/payments), {@code --seconds} (30), {@code --rate} requests a
 * second in all (250), {@code --clients} (4), {@code --lines} ledger lines a payment (1000), {@code --seed} (1).
 * The same seed sends the same payments. The exit code is 1 if no payment was accepted.
 */
public final class LoadGenerator {
    private static final String[] GOODS = {"coffee beans", "paper", "rent", "insurance", "train ticket", "spare parts"};
    private static final String DEBTOR = "DE02120300000000202051";
    private static final String CREDITOR = "FR7630006000011234567890189";

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final URI url;
    private final int lines;
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong latencyNanos = new AtomicLong();

    private LoadGenerator(URI url, int lines) {
        this.url = url;
        this.lines = lines;
    }

    public static void main(String[] args) throws InterruptedException {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < args.length; i += 2) {
            options.put(args[i], args[i + 1]);
        }
        if (!options.containsKey("--url") || args.length % 2 != 0) {
            System.err.println("usage: LoadGenerator --url URL [--seconds 30] [--rate 250] [--clients 4] [--lines 1000] [--seed 1]");
            System.exit(2);
        }
        int seconds = Integer.parseInt(options.getOrDefault("--seconds", "30"));
        int rate = Integer.parseInt(options.getOrDefault("--rate", "250"));
        int clients = Integer.parseInt(options.getOrDefault("--clients", "4"));
        long seed = Long.parseLong(options.getOrDefault("--seed", "1"));
        LoadGenerator generator = new LoadGenerator(
                URI.create(options.get("--url")), Integer.parseInt(options.getOrDefault("--lines", "1000")));
        generator.run(seconds, rate, clients, seed);
        System.exit(generator.report());
    }

    private void run(int seconds, int rate, int clients, long seed) throws InterruptedException {
        long start = System.nanoTime();
        long end = start + Duration.ofSeconds(seconds).toNanos();
        long spacing = Duration.ofSeconds(1).toNanos() * clients / Math.max(1, rate);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            Random random = new Random(seed * 31 + i);
            long first = start + spacing * i / clients;
            Thread thread = new Thread(() -> send(random, first, spacing, end), "client-" + i);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** A late request does not make the next ones come faster than the rate: the backlog is dropped. */
    private void send(Random random, long first, long spacing, long end) {
        long next = first;
        while (next < end) {
            long wait = next - System.nanoTime();
            if (wait > 0) {
                java.util.concurrent.locks.LockSupport.parkNanos(wait);
                continue;
            }
            pay(payment(random));
            // Independent clients leave random gaps; evenly spaced requests would keep step with the machine's own ticks.
            long gap = (long) (-Math.log(1 - random.nextDouble()) * spacing);
            next = Math.max(next + gap, System.nanoTime());
        }
    }

    private void pay(String body) {
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(Duration.ofSeconds(10))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        long start = System.nanoTime();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            (response.statusCode() == 200 ? accepted : failed).incrementAndGet();
        } catch (IOException e) {
            failed.incrementAndGet();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        latencyNanos.addAndGet(System.nanoTime() - start);
    }

    private String payment(Random random) {
        StringBuilder text = new StringBuilder(lines * 32);
        text.append("debtor=").append(DEBTOR);
        text.append("\ncreditor=").append(CREDITOR);
        text.append("\ncurrency=EUR\nreference=INV-").append(random.nextInt(1_000_000));
        for (int i = 0; i < lines; i++) {
            text.append("\nline=").append(1 + random.nextInt(100_000)).append(';').append(GOODS[random.nextInt(GOODS.length)]);
        }
        return text.toString();
    }

    private int report() {
        long answered = Math.max(1, accepted.get() + failed.get());
        System.out.println("load: " + accepted + " payments accepted, " + failed + " failed, "
                + latencyNanos.get() / answered / 1_000 + " us on average");
        return accepted.get() > 0 ? 0 : 1;
    }
}
