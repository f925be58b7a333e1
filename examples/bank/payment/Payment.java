package bank.payment;

import java.util.ArrayList;
import java.util.List;

/**
 * One payment order as it came in: a line per field, then a line per ledger entry.
 *
 * <pre>
 * debtor=DE02120300000000202051
 * creditor=FR7630006000011234567890189
 * currency=EUR
 * reference=INV-2041
 * line=1250;coffee beans
 * </pre>
 */
final class Payment {
    private static final int MAX_LINES = 1_000;

    private String debtor = "";
    private String creditor = "";
    private String currency = "";
    private String reference = "";
    private long totalCents;
    private final List<Line> lines = new ArrayList<>();

    private Payment() {}

    /** Reads and checks a payment; the message of the exception says which field is wrong. */
    static Payment parse(String text) {
        Payment payment = new Payment();
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf('\n', start);
            if (end < 0) {
                end = text.length();
            }
            payment.field(text.substring(start, end));
            start = end + 1;
        }
        payment.check();
        return payment;
    }

    String debtor() {
        return debtor;
    }

    String creditor() {
        return creditor;
    }

    String currency() {
        return currency;
    }

    String reference() {
        return reference;
    }

    long totalCents() {
        return totalCents;
    }

    List<Line> lines() {
        return lines;
    }

    private void field(String field) {
        int equals = field.indexOf('=');
        if (equals < 0) {
            throw new IllegalArgumentException("a field is key=value");
        }
        String value = field.substring(equals + 1);
        switch (field.substring(0, equals)) {
            case "debtor":
                debtor = value;
                break;
            case "creditor":
                creditor = value;
                break;
            case "currency":
                currency = value;
                break;
            case "reference":
                reference = value;
                break;
            case "line":
                addLine(value);
                break;
            default:
                throw new IllegalArgumentException("unknown field");
        }
    }

    private void addLine(String value) {
        int semicolon = value.indexOf(';');
        if (semicolon < 1 || lines.size() == MAX_LINES) {
            throw new IllegalArgumentException("a line is cents;text, and there are at most " + MAX_LINES);
        }
        long cents = Long.parseLong(value, 0, semicolon, 10);
        if (cents <= 0) {
            throw new IllegalArgumentException("the cents of a line are above 0");
        }
        totalCents = Math.addExact(totalCents, cents);
        lines.add(new Line(cents, value));
    }

    private void check() {
        if (!isIban(debtor) || !isIban(creditor)) {
            throw new IllegalArgumentException("debtor and creditor are IBANs");
        }
        if (currency.length() != 3 || reference.isEmpty() || lines.isEmpty()) {
            throw new IllegalArgumentException("currency (three letters), reference and at least one line are needed");
        }
    }

    /** ISO 13616: move the first four characters to the end, read letters as 10 to 35; the number modulo 97 is 1. */
    static boolean isIban(String account) {
        if (account.length() < 15 || account.length() > 34) {
            return false;
        }
        int remainder = 0;
        for (int i = 0; i < account.length(); i++) {
            int digit = Character.digit(account.charAt((i + 4) % account.length()), 36);
            if (digit < 0) {
                return false;
            }
            remainder = (remainder * (digit < 10 ? 10 : 100) + digit) % 97;
        }
        return remainder == 1;
    }

    /** One entry of the ledger. */
    static final class Line {
        private final long cents;
        private final String text;

        Line(long cents, String text) {
            this.cents = cents;
            this.text = text;
        }

        long cents() {
            return cents;
        }

        String text() {
            return text;
        }
    }
}
