package kemu.hw.shadow;

import static java.lang.StackWalker.Option.RETAIN_CLASS_REFERENCE;

import java.util.List;
import java.util.stream.Collectors;

/** The kernel functions on the stack right now, innermost first. */
public final class CallStack {
    private static final int DEPTH = 12;

    private final List<String> functions;
    private final String caller;
    private final String text;

    private CallStack(List<StackWalker.StackFrame> frames) {
        functions = frames.stream().map(CallStack::name).toList();
        caller = frames.stream()
                .filter(frame -> !frame.getDeclaringClass().isAnnotationPresent(NamedByCaller.class))
                .map(CallStack::name)
                .findFirst()
                .orElse("?");
        text = frames.stream()
                .map(frame -> "    " + name(frame) + " (" + frame.getFileName() + ":" + frame.getLineNumber() + ")\n")
                .collect(Collectors.joining());
    }

    /** Where kernel code called into the CPU or its instruments just now. Slow: failure path, or on request. */
    public static CallStack here() {
        return new CallStack(StackWalker.getInstance(RETAIN_CLASS_REFERENCE)
                .walk(all -> all.dropWhile(frame -> !isCpu(frame))
                        .takeWhile(frame -> !isOutside(frame))
                        .filter(CallStack::isKernel)
                        .limit(DEPTH)
                        .toList()));
    }

    /** Who drives the CPUs is no kernel code, and not always the same. */
    private static boolean isOutside(StackWalker.StackFrame frame) {
        String type = frame.getClassName();
        return type.startsWith("jdk.internal.vm.") || type.startsWith("kemu.hw.explore.");
    }

    /** Instruments are called by the CPU, kernel code calls the CPU. */
    private static boolean isCpu(StackWalker.StackFrame frame) {
        return frame.getClassName().startsWith("kemu.hw.cpu.");
    }

    private static String name(StackWalker.StackFrame frame) {
        String type = frame.getClassName();
        return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethodName();
    }

    private static boolean isKernel(StackWalker.StackFrame frame) {
        String type = frame.getClassName();
        return !isPlatform(type)
                && !isCpu(frame)
                && !type.startsWith("kemu.hw.layout.")
                && !type.startsWith("kemu.hw.machine.")
                && !type.startsWith("kemu.kernel.context.")
                && !type.startsWith("kemu.kernel.task.ExploredTasks");
    }

    /** What is not the host's is code of the kernel, wherever it comes from: plugins are. */
    private static boolean isPlatform(String type) {
        return type.startsWith("java.") || type.startsWith("jdk.") || type.startsWith("sun.");
    }

    /** The innermost kernel function. */
    public String function() {
        return functions.isEmpty() ? "?" : functions.get(0);
    }

    /** The innermost function that is no {@link NamedByCaller}'s. */
    public String caller() {
        return caller;
    }

    /** One line a function, with file and line. */
    @Override
    public String toString() {
        return text;
    }
}
