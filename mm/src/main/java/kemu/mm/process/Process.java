package kemu.mm.process;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.kernel.context.Task;
import kemu.kernel.task.WaitQueue;
import kemu.mm.types.MmStruct;
import kemu.rcu.list.ListHead;

/** What a process has beyond its task: family, exit state, and where its vfork parent waits. */
public final class Process {
    /** State: runs or will run. */
    public static final int ALIVE = 0;
    /** State: has exited, not yet waited for. */
    public static final int ZOMBIE = 1;

    private static final StructLayout.Builder S = StructLayout.struct("process");
    /** References: parent's list, own task, waiting vfork parent. Atomics. */
    public static final I32Field REFS = S.i32("refs");
    /** {@link #ALIVE} or {@link #ZOMBIE}. tasklist_lock; the waiting parent reads it once. */
    public static final I32Field STATE = S.i32("state");
    /** Exit code, valid in a zombie. */
    public static final I32Field EXIT_CODE = S.i32("exit_code");
    /** 1 once a vfork child gave up its parent's mm. Release by the child, acquire by the parent. */
    public static final I32Field VFORK_DONE = S.i32("vfork_done");
    /** 1 for a thread: shares the process's family, is not waited for. Constant. */
    public static final I32Field THREAD = S.i32("thread");
    /** Pid; constant. */
    public static final I32Field PID = S.i32("pid");
    /** The task; its reference is dropped when the process is released. Constant. */
    public static final RefField TASK = S.ref("task", Task.class);
    /** Address space; own task. */
    public static final RefField MM = S.ref("mm", MmStruct.class);
    /** Parent; NULL for children of init. tasklist_lock. */
    public static final RefField PARENT = S.ref("parent", Process.class);
    /** Children. tasklist_lock. */
    public static final Embedded CHILDREN = S.embed("children", ListHead.LAYOUT);
    /** Link in the parent's children. tasklist_lock. */
    public static final Embedded SIBLING = S.embed("sibling", ListHead.LAYOUT);
    /** Where the process waits for a child to exit. */
    public static final Embedded CHILD_EXIT = S.embed("wait_chldexit", WaitQueue.LAYOUT);
    /** Where the vfork parent waits for {@link #VFORK_DONE}. */
    public static final Embedded VFORK_WAIT = S.embed("vfork_wait", WaitQueue.LAYOUT);
    /** The workload's own id of the process; constant. */
    public static final I64Field HOST_ID = S.i64("host_id");
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private Process() {}
}
