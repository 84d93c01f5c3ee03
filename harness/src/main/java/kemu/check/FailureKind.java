package kemu.check;

import kemu.hw.sched.Result;

/** What kind of failure a failed check has found, in one word. */
public final class FailureKind {
    private static final String KASAN = "BUG: KASAN: ";

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
        if (message.contains("that nobody can change")) {
            return "hang";
        }
        if (message.startsWith(KASAN)) {
            return message.substring(KASAN.length(), message.indexOf(' ', KASAN.length()));
        }
        if (message.startsWith("WARNING: bad unlock balance")) {
            return "bad-unlock";
        }
        if (message.contains("ended with lock held")) {
            return "lock-held";
        }
        if (message.startsWith("BUG: KCSAN: data-race")) {
            return "data-race";
        }
        if (message.startsWith("WARNING: possible ") || message.contains("lock order detected")) {
            return "lock-order";
        }
        if (message.startsWith("WARNING: inconsistent lock state")) {
            return "lock-irq";
        }
        if (message.startsWith("WARNING: held lock freed")) {
            return "held-lock-freed";
        }
        if (message.startsWith("BUG: sleeping function called")) {
            return "sleep-in-atomic";
        }
        if (message.startsWith("WARNING: suspicious RCU usage")) {
            return "rcu-usage";
        }
        if (message.startsWith("BUG: RCU reader outlived")) {
            return "rcu-outlived";
        }
        if (message.startsWith("BUG: Bad page state")) {
            return "bad-page-state";
        }
        return "kernel-bug";
    }
}
