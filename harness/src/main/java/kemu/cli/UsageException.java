package kemu.cli;

import java.util.Collection;

/** A user's mistake: the message is one line that says what was given and what is allowed. Exit code 2. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }

    /** Throws unless {@code value}, given for {@code option}, is one of {@code allowed}. */
    static void requireOneOf(String option, String value, Collection<String> allowed) {
        if (!allowed.contains(value)) {
            throw new UsageException(option + ": '" + value + "' (allowed: " + String.join(", ", allowed) + ")");
        }
    }
}
