package kemu.check.story;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kemu.perfetto.TraceSpan;

/** What a CPU does in a trace: its task, within it the kernel functions, within them the steps. */
final class CallSpans {
    private static final String BUFFER = "store buffer";

    private final Story story;
    private final int cpu;
    private final String group;
    private final List<Call> calls = new ArrayList<>();
    private final List<Call> open = new ArrayList<>();
    private final List<TraceSpan> buffers = new ArrayList<>();

    /** A task, a function or a step; ends when its end is known. */
    private static final class Call {
        final String name;
        final Map<String, String> args;
        final long from;
        long to;

        Call(String name, Map<String, String> args, long from) {
            this.name = name;
            this.args = args;
            this.from = from;
        }
    }

    private CallSpans(Story story, int cpu) {
        this.story = story;
        this.cpu = cpu;
        group = group(cpu);
    }

    /** The group of the track of {@code cpu}. */
    static String group(int cpu) {
        return "CPU#" + cpu;
    }

    /** All of {@code cpu}; what {@code stays} is not over when the trace ends. */
    static List<TraceSpan> of(Story story, int cpu, boolean stays) {
        return new CallSpans(story, cpu).all(stays);
    }

    private List<TraceSpan> all(boolean stays) {
        long last = 0;
        List<String> stack = List.of();
        for (Step step : story.steps()) {
            if (step.cpu() != cpu) {
                continue;
            }
            long from = TraceTime.begin(step.number());
            long to = TraceTime.end(step.number());
            if (step.drains() || step.act() == Act.INVALIDATION) {
                buffers.add(new TraceSpan(BUFFER, from, to, name(step), args(step)));
                continue;
            }
            stack = stack(step, stack);
            enter(stack, last, from);
            Call itself = new Call(name(step), args(step), from);
            itself.to = to;
            calls.add(itself);
            last = to;
        }
        leave(0, stays ? TraceTime.end(story.steps().size()) : last);
        List<TraceSpan> spans = new ArrayList<>();
        calls.forEach(call -> spans.add(new TraceSpan(group, call.from, call.to, call.name, call.args)));
        spans.addAll(buffers);
        return spans;
    }

    /** The task and the functions of {@code step} from the outermost on, those too that its stack has no room for. */
    private List<String> stack(Step step, List<String> before) {
        List<String> stack = new ArrayList<>();
        List<String> called = step.calls().reversed();
        String task = step.task() + " (" + story.pidOf(step) + ")";
        stack.add(task);
        boolean goesOn = !before.isEmpty() && before.get(0).equals(task);
        if (goesOn && called.size() == Frames.CALLS) {
            int at = before.subList(1, before.size()).indexOf(called.get(0));
            stack.addAll(before.subList(1, 1 + Math.max(0, at)));
        }
        stack.addAll(called);
        return stack;
    }

    private void enter(List<String> stack, long last, long now) {
        int common = 0;
        while (common < Math.min(stack.size(), open.size())
                && open.get(common).name.equals(stack.get(common))) {
            common++;
        }
        leave(common, last);
        for (String name : stack.subList(common, stack.size())) {
            Call call = new Call(name, Map.of(), now);
            calls.add(call);
            open.add(call);
        }
    }

    private void leave(int depth, long at) {
        while (open.size() > depth) {
            open.remove(open.size() - 1).to = at;
        }
    }

    private static String name(Step step) {
        return step.object().isEmpty() ? step.what() : step.what() + " " + step.object();
    }

    private static Map<String, String> args(Step step) {
        Map<String, String> args = new LinkedHashMap<>();
        args.put("step", Integer.toString(step.number()));
        if (step.address() != 0) {
            args.put("address", "0x" + Long.toHexString(step.address()));
        }
        if (step.width() != 0) {
            args.put("before", Story.value(step.before()));
            args.put("after", Story.value(step.after()));
        }
        if (step.main().isOld()) {
            args.put("memory", Story.value(step.main().memory()));
        }
        if (!step.plain().isEmpty()) {
            args.put("plain accesses", Integer.toString(step.plain().size()));
        }
        if (!step.waiting().isEmpty()) {
            args.put("store buffer", String.join(", ", step.buffered()));
        }
        return args;
    }
}
