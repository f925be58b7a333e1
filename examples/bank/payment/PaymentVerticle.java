package bank.payment;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes a payment: parses and validates it, writes its ledger lines into a hash chain and answers with a receipt.
 *
 * <p>The fault to be found with a profile: {@link #sha256} asks the security providers for a new digest on every call.
 * Start the service with {@code OPTIMIZED=true} to see the same work with the digest kept per thread.
 */
final class PaymentVerticle implements HttpHandler {
    private static final char[] HEX = "0123456789abcdef".toCharArray();
    /** A request larger than this is refused before it is parsed. */
    private static final int MAX_BODY_BYTES = 64 * 1024;

    private static final ThreadLocal<MessageDigest> DIGEST = ThreadLocal.withInitial(PaymentVerticle::newDigest);

    private final boolean optimized;
    private final AtomicLong accepted = new AtomicLong();

    PaymentVerticle(boolean optimized) {
        this.optimized = optimized;
    }

    long accepted() {
        return accepted.get();
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try {
            if (!exchange.getRequestMethod().equals("POST")) {
                answer(exchange, 405, "{\"error\":\"use POST\"}");
                return;
            }
            byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
            if (body.length > MAX_BODY_BYTES) {
                answer(exchange, 413, "{\"error\":\"a payment has at most " + MAX_BODY_BYTES + " bytes\"}");
                return;
            }
            Payment payment;
            try {
                payment = Payment.parse(new String(body, StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                answer(exchange, 422, "{\"error\":\"" + e.getMessage() + "\"}");
                return;
            }
            String receipt = book(payment);
            accepted.incrementAndGet();
            answer(exchange, 200, "{\"receipt\":\"" + receipt + "\",\"cents\":" + payment.totalCents() + "}");
        } finally {
            exchange.close();
        }
    }

    /**
     * Chains the ledger lines by hash, so that no line can be changed later without changing the receipt. The account numbers go
     * in as hashes, because the ledger is readable by people who may not see them.
     */
    String book(Payment payment) {
        String debtor = sha256(payment.debtor());
        String creditor = sha256(payment.creditor());
        String chain = sha256(debtor + creditor + payment.reference());
        for (Payment.Line line : payment.lines()) {
            String entry = sha256(line.text());
            String amount = sha256(line.cents() + payment.currency());
            chain = sha256(chain.substring(0, 16) + entry.substring(0, 8) + amount.substring(0, 8));
        }
        return chain;
    }

    /** The hash of a text as 64 hexadecimal digits. */
    String sha256(String text) {
        MessageDigest digest = optimized ? DIGEST.get() : newDigest();
        byte[] hash = digest.digest(text.getBytes(StandardCharsets.UTF_8));
        char[] digits = new char[hash.length * 2];
        for (int i = 0; i < hash.length; i++) {
            digits[2 * i] = HEX[(hash[i] >> 4) & 0xf];
            digits[2 * i + 1] = HEX[hash[i] & 0xf];
        }
        return new String(digits);
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static void answer(HttpExchange exchange, int status, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}
