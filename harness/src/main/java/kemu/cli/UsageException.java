package kemu.cli;

/** A user's mistake: the message is one line that says what was given and what is allowed. Exit code 2. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
