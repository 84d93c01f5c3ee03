package kemu.workload;

import kemu.hw.cpu.Cpu;

/**
 * One kind of thing that the threads of an {@link OperationStorm} do, drawn by its weight. A row of a table, and most
 * often one call of something that {@link StormThread} has.
 *
 * @param name its name, as {@code --weights} takes it and reports count it
 * @param weight how often it is drawn, among the weights of all, unless the workload says otherwise
 * @param inChild whether a forked child may do it, while its parent does as well: it changes nothing of which the
 *     parent thinks that it alone can change it, such as the thread's file
 * @param body what it is
 */
record StormOperation(String name, int weight, boolean inChild, Body body) {
    /** What is done. Stateless. */
    interface Body {
        /** Does it once, and checks it; false if the thread cannot go on, for it was killed or memory is out. */
        boolean run(Cpu cpu, StormThread thread);
    }
}
