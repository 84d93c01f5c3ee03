package kemu.soak;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.option.UsageException;

/**
 * Leaks a little at each rest of a run, so that it can be seen that leaks are found: a system property for tests, such
 * as {@code -Dkemu.leak=objects/60}, which also lets runs that are so many times shorter be judged.
 */
final class LeakOnPurpose {
    private static final String PROPERTY = "kemu.leak";
    private static final Pattern FORM = Pattern.compile("(none|objects|pages|host)(?:/([1-9][0-9]{0,3}))?");
    private static final int HOST_BYTES = 1 << 20;

    /** What leaks. */
    private enum Kind {
        NONE,
        OBJECTS,
        PAGES,
        HOST
    }

    private final Kind kind;
    private final double shorter;
    private final List<ByteBuffer> kept = new ArrayList<>();

    private LeakOnPurpose(Kind kind, double shorter) {
        this.kind = kind;
        this.shorter = shorter;
    }

    /** What the property says, nothing if it is not set. */
    static LeakOnPurpose asked() {
        String value = System.getProperty(PROPERTY, "none");
        Matcher matcher = FORM.matcher(value);
        if (!matcher.matches()) {
            throw new UsageException("-D" + PROPERTY + ": " + value + " (allowed: none, objects, pages or host, and"
                    + " after a slash how many times shorter a run may be)");
        }
        return new LeakOnPurpose(
                Kind.valueOf(matcher.group(1).toUpperCase(Locale.ROOT)),
                matcher.group(2) == null ? 1 : Double.parseDouble(matcher.group(2)));
    }

    /** How many times shorter a run may be to be judged. */
    double shorter() {
        return shorter;
    }

    /** Leaks one more. Context: a task. */
    void leak(Cpu cpu, Kernel kernel) {
        switch (kind) {
            case NONE -> {}
            case OBJECTS -> kernel.anonVmas().cache().alloc(cpu, Gfp.KERNEL);
            case PAGES -> kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
            case HOST -> kept.add(ByteBuffer.allocateDirect(HOST_BYTES)); // written whole with zeros, so it is resident
        }
    }
}
