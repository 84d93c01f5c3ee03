package kemu.hw.race;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Where accesses were made: kernel functions on the stack, and the task. Equal ones have one number. */
final class Sites {
    private static final int DEPTH = 12;

    private record Site(String function, String stack, int pid) {}

    private final Map<Site, Integer> numbers = new HashMap<>();
    private final List<Site> sites = new ArrayList<>();

    Sites() {
        sites.add(new Site("?", "    (not recorded: run the same execution again with stacks)\n", -1));
    }

    /** The number of the place that called into the CPU just now, as task {@code pid}. */
    int here(int pid) {
        List<StackWalker.StackFrame> frames = StackWalker.getInstance()
                .walk(all -> all.dropWhile(frame -> !isCpu(frame))
                        .filter(Sites::isKernel)
                        .limit(DEPTH)
                        .collect(Collectors.toList()));
        StringBuilder stack = new StringBuilder(256);
        for (StackWalker.StackFrame frame : frames) {
            stack.append("    ")
                    .append(name(frame))
                    .append(" (")
                    .append(frame.getFileName())
                    .append(':')
                    .append(frame.getLineNumber())
                    .append(")\n");
        }
        Site site = new Site(frames.isEmpty() ? "?" : name(frames.get(0)), stack.toString(), pid);
        Integer known = numbers.putIfAbsent(site, sites.size());
        if (known == null) {
            sites.add(site);
            return sites.size() - 1;
        }
        return known;
    }

    private static String name(StackWalker.StackFrame frame) {
        String type = frame.getClassName();
        return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethodName();
    }

    private static boolean isKernel(StackWalker.StackFrame frame) {
        String type = frame.getClassName();
        return !type.startsWith("java.")
                && !type.startsWith("jdk.")
                && !isCpu(frame)
                && !type.equals("kemu.hw.machine.EmuMachine")
                && !type.equals("kemu.hw.machine.AttachedInstruments")
                && !type.startsWith("kemu.hw.layout.")
                && !type.startsWith("kemu.hw.explore.");
    }

    /** Instruments are called by the CPU, kernel code calls the CPU. */
    private static boolean isCpu(StackWalker.StackFrame frame) {
        return frame.getClassName().startsWith("kemu.hw.cpu.");
    }

    String function(int site) {
        return sites.get(site).function;
    }

    String stack(int site) {
        return sites.get(site).stack;
    }

    int pid(int site) {
        return sites.get(site).pid;
    }
}
