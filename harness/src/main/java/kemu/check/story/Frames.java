package kemu.check.story;

import java.util.List;

/** The kernel functions on the stack of the running fiber. */
final class Frames {
    /** Most that are named. */
    static final int CALLS = 8;

    /** Between kernel code and memory: accessors, the CPU, instruments, and who drives the CPUs. */
    private static final String[] PLUMBING = {
        "java.",
        "jdk.",
        "sun.",
        "kemu.check.story.",
        "kemu.litmus.",
        "kemu.hw.machine.",
        "kemu.hw.cpu.",
        "kemu.hw.layout.",
        "kemu.hw.cache.",
        "kemu.hw.explore.",
        "kemu.kernel.context.",
        "kemu.kernel.task.ExploredTasks",
        "kemu.kernel.task.Entry",
        "kemu.kernel.locking.SpinLock$"
    };

    private Frames() {}

    /**
     * Innermost first, from the access out to where the task begins. Whatever is neither plumbing nor the host's is
     * kernel code: plugins are.
     */
    static List<String> here() {
        return StackWalker.getInstance()
                .walk(frames -> frames.takeWhile(frame -> !frame.getClassName().startsWith("jdk.internal.vm."))
                        .filter(frame -> isKernel(frame.getClassName() + "$"))
                        .limit(CALLS)
                        .map(frame -> name(frame.getClassName(), frame.getMethodName()))
                        .toList());
    }

    private static boolean isKernel(String type) {
        for (String prefix : PLUMBING) {
            if (type.startsWith(prefix)) {
                return false;
            }
        }
        return true;
    }

    /** The body of a task is a lambda: it is called as the method that it stands in. */
    private static String name(String type, String method) {
        String simple = type.substring(type.lastIndexOf('.') + 1);
        if (!method.startsWith("lambda$")) {
            return simple + "." + method;
        }
        return simple + "." + method.substring("lambda$".length(), method.lastIndexOf('$'));
    }
}
