package kemu.check;

import kemu.hw.sched.Result;

/** What kind of failure a failed check has found, in one word. */
public final class FailureKind {
    private static final String KASAN = "BUG: KASAN: ";

    /** What a message says somewhere, and the kind that is; the first that fits counts. */
    private static final String[][] KINDS = {
        {"that nobody can change", "hang"},
        {"WARNING: bad unlock balance", "bad-unlock"},
        {"ended with lock held", "lock-held"},
        {"BUG: KCSAN: data-race", "data-race"},
        {"WARNING: possible ", "lock-order"},
        {"lock order detected", "lock-order"},
        {"WARNING: inconsistent lock state", "lock-irq"},
        {"WARNING: held lock freed", "held-lock-freed"},
        {"BUG: sleeping function called", "sleep-in-atomic"},
        {"WARNING: suspicious RCU usage", "rcu-usage"},
        {"BUG: RCU reader outlived", "rcu-outlived"},
        {"BUG: rmap: ", "rmap-invariant"},
        {"BUG: accounting at rest", "accounting"},
        {"BUG: user memory", "user-memory"},
        {"BUG: type confusion", "type-confusion"},
        {"BUG: Bad page state", "bad-page-state"}
    };

    private FailureKind() {}

    /** Nobody can go on, now or when the scenario ends; no end; or what the kernel or an oracle said. */
    public static String of(Result failed) {
        return switch (failed.outcome()) {
            case HUNG -> "hang";
            case LIMIT -> "livelock";
            default -> ofMessage(String.valueOf(failed.failure().getMessage()));
        };
    }

    private static String ofMessage(String message) {
        if (message.startsWith(KASAN)) {
            return message.substring(KASAN.length(), message.indexOf(' ', KASAN.length()));
        }
        String head = message.lines().findFirst().orElse("");
        for (String[] kind : KINDS) {
            if (head.contains(kind[0])) {
                return kind[1];
            }
        }
        return "kernel-bug";
    }
}
