package kemu.trace.strace;

/**
 * What strace itself says on a terminal: {@code strace: Process 12 attached}, in old versions {@code Process 12
 * attached (waiting for parent)}, {@code suspended}, {@code resumed (parent 11 ready)}, {@code detached}.
 */
final class Messages {
    private static final String OWN = "strace: ";
    private static final String PROCESS = "Process ";

    private Messages() {}

    /** Whether the whole line is a message; {@code owners} hears of it. */
    static boolean own(Scan s, Owners owners) {
        int begin = s.pos;
        boolean own = s.skip(OWN);
        boolean process = s.startsWith(PROCESS) && heard(s, s.pos, owners);
        s.pos = begin;
        return own || process;
    }

    /** Where a message begins that ends the text, or -1. */
    static int startIn(Scan s, Owners owners) {
        int begin = s.pos;
        int found = -1;
        for (int at = s.find(PROCESS); at >= 0 && found < 0; at = s.find(PROCESS)) {
            if (heard(s, at, owners)) {
                found = s.startsWith(at - OWN.length(), OWN) ? at - OWN.length() : at;
            }
            s.pos = at + 1;
        }
        s.pos = begin;
        return found;
    }

    private static boolean heard(Scan s, int at, Owners owners) {
        int begin = s.pos;
        s.pos = at + PROCESS.length();
        long pid = 0;
        int digits = 0;
        while (s.pos < s.end && s.b[s.pos] >= '0' && s.b[s.pos] <= '9' && digits < 9) {
            pid = pid * 10 + (s.b[s.pos++] - '0');
            digits++;
        }
        boolean message = true;
        if (digits == 0) {
            message = false;
        } else if (s.startsWith(" attached")) {
            owners.attached((int) pid);
        } else if (s.startsWith(" detached")) {
            owners.detached((int) pid);
        } else {
            message = s.startsWith(" suspended") || s.startsWith(" resumed");
        }
        s.pos = begin;
        return message;
    }
}
