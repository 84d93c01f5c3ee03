package kemu.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kemu.trace.model.Op;
import kemu.trace.model.Program;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceException;
import org.junit.jupiter.api.Test;

/** The odd things that recorded logs hold, one by one. */
class StraceOdditiesTest {
    private static final String EXEC = "10 execve(\"/bin/sh\", [\"sh\"], 0x7ffc /* 35 vars */) = 0\n";
    private static final String EXIT = "10 exit_group(0)   = ?\n10 +++ exited with 0 +++\n";

    private static List<String> opsOf(String calls) throws TraceException {
        List<String> ops = Logs.ops(Logs.plan(EXEC + calls + EXIT), 0);
        assertEquals("exec 0x0", ops.get(0));
        assertEquals("exit 0x0", ops.get(ops.size() - 1));
        return ops.subList(1, ops.size() - 1);
    }

    @Test
    void shouldJoinHalvesWhenCallIsSplit() throws TraceException {
        assertEquals(
                List.of(
                        "brk 0x0,0x55550000",
                        "mmap 0x7f0000000000,0x3000,0x3,0x22,0xffffffffffffffff,0x0",
                        "munmap 0x7f0000001000,0x2000",
                        "madvise 0x7f0000000000,0x1000,0x4"),
                opsOf("""
                        10 brk(NULL <unfinished ...>
                        10 <... brk resumed>)       = 0x55550000
                        10 mmap(NULL, 12288, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000
                        10 munmap(0x7f0000001000, 8191 <unfinished ...>
                        10 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=3, si_uid=0, si_status=0} ---
                        10 <... munmap resumed>) = 0
                        10 madvise(0x7f0000000000, 4096, MADV_DONTNEED) = 0
                        """));
    }

    @Test
    void shouldMeasureGapFromEndOfCallBeforeToEntryWhenCallIsSplit() throws TraceException {
        Trace t = Logs.planTimed("""
                10 1700000000.000000 execve("/bin/sh", ["sh"], 0x7ffc /* 1 var */ <unfinished ...>
                10 1700000000.000100 <... execve resumed>) = 0
                10 1700000000.000130 wait4(-1,  <unfinished ...>
                10 1700000001.000130 <... wait4 resumed>0x7ffc, WNOHANG, NULL) = -1 ECHILD (No child processes)
                10 1700000001.000137 +++ exited with 3 +++
                """, false);
        Program p = t.proc(0).program();
        int wait = 1;
        while (p.op(wait) != Op.WAIT_NONE) {
            wait++;
        }
        assertEquals(30, p.gapMicros(wait));
        assertEquals(10, p.a(wait), "ECHILD");
        assertEquals(7, p.gapMicros(p.size() - 1));
        assertEquals(3, p.a(p.size() - 1));
    }

    @Test
    void shouldFindParentWhenChildLivesItsWholeLifeBeforeForkLineCompletes() throws TraceException {
        Trace t = Logs.plan(EXEC + """
                10 vfork( <unfinished ...>
                11 execve("/usr/bin/nothing", ["nothing"], 0x55 /* 1 var */) = -1 ENOENT (No such file or directory)
                11 exit_group(127)   = ?
                11 +++ exited with 127 +++
                10 <... vfork resumed>) = 11
                10 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 127}], 0, NULL) = 11
                """ + EXIT);
        assertEquals(List.of("exec 0x0", "vfork 0x1", "wait 0x1", "exit 0x0"), Logs.ops(t, 0));
        assertEquals(List.of("exec-fail 0x2,0x1", "exit 0x7f"), Logs.ops(t, 1));
        assertEquals("/usr/bin/nothing", t.path(1));
        assertEquals(0, t.proc(1).parent());
    }

    @Test
    void shouldFindParentWhenForkLineComesBeforeChild() throws TraceException {
        Trace t = Logs.plan(EXEC + """
                10 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, \
                child_tidptr=0x7f) = 11
                10 wait4(-1,  <unfinished ...>
                11 +++ exited with 0 +++
                10 <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 11
                """ + EXIT);
        assertEquals(List.of("exec 0x0", "fork 0x1", "wait 0x1", "exit 0x0"), Logs.ops(t, 0));
    }

    @Test
    void shouldBindToRightIncarnationWhenPidIsReused() throws TraceException {
        Trace t = Logs.plan(EXEC + """
                10 vfork( <unfinished ...>
                11 execve("/usr/bin/old", ["old"], 0x55 /* 1 var */) = 0
                10 <... vfork resumed>) = 11
                11 +++ exited with 1 +++
                10 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 1}], 0, NULL) = 11
                10 vfork( <unfinished ...>
                11 execve("/usr/bin/new", ["new"], 0x55 /* 1 var */) = 0
                10 <... vfork resumed>) = 11
                11 +++ exited with 2 +++
                10 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 2}], 0, NULL) = 11
                10 clone(child_stack=NULL, flags=SIGCHLD) = 11
                11 +++ exited with 3 +++
                10 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 11
                """ + EXIT);
        assertEquals(
                List.of(
                        "exec 0x0",
                        "vfork 0x1",
                        "wait 0x1",
                        "vfork 0x2",
                        "wait 0x2",
                        "fork 0x3",
                        "wait 0x3",
                        "exit 0x0"),
                Logs.ops(t, 0));
        assertEquals("old", t.proc(1).name());
        assertEquals("new", t.proc(2).name());
        assertEquals("sh", t.proc(3).name());
    }

    @Test
    void shouldTellSpawnForkAndThreadApartWhenCloneFlagsDiffer() throws TraceException {
        Trace t = Logs.plan(EXEC + """
                10 clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD, stack=0x7f0780e23000, \
                stack_size=0x9000}, 88 <unfinished ...>
                11 execve("/bin/a", ["a"], 0x55 /* 1 var */ <unfinished ...>
                10 <... clone3 resumed>) = 11
                11 <... execve resumed>) = 0
                11 +++ exited with 0 +++
                10 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 11
                10 clone3({flags=CLONE_VM|CLONE_FS|CLONE_THREAD|CLONE_SETTLS, child_tid=0x7f, \
                parent_tid=0x7f, exit_signal=0} => {parent_tid=[12]}, 88) = 12
                12 mmap(NULL, 134217728, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE, -1, 0 <unfinished ...>
                10 exit_group(0)   = ?
                12 <... mmap resumed>) = ?
                12 +++ exited with 0 +++
                10 +++ exited with 0 +++
                """);
        assertEquals(
                List.of("exec 0x0", "spawn 0x1", "wait 0x1", "thread 0x2", "join 0x2", "exit 0x0"), Logs.ops(t, 0));
        assertEquals(
                List.of("failed 0x6,0x0", "exit 0x0"), Logs.ops(t, 2), "interrupted by another thread's exit_group");
        assertTrue(t.proc(2).isThread());
        assertEquals(1, t.threadCount());
    }

    @Test
    void shouldJoinThreadsWhenProcessExecs() throws TraceException {
        Trace t = Logs.plan(EXEC + """
                10 clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0} => {parent_tid=[11]}, 88) = 11
                11 munmap(0x7f0000000000, 4096) = 0
                10 execve("/bin/b", ["b"], 0x55 /* 1 var */ <unfinished ...>
                11 +++ exited with 0 +++
                10 <... execve resumed>) = 0
                """ + EXIT);
        assertEquals(List.of("exec 0x0", "thread 0x1", "join 0x1", "exec 0x1", "exit 0x0"), Logs.ops(t, 0));
    }

    @Test
    void shouldKeepOldMmWhenExecFailsInVforkChild() throws TraceException {
        Trace t = Logs.plan(EXEC + """
                10 brk(NULL)       = 0x555555600000
                10 brk(0x555555621000)       = 0x555555621000
                10 vfork( <unfinished ...>
                11 execve("/opt/x", ["x"], 0x55 /* 1 var */) = -1 ENOENT (No such file or directory)
                11 execve("/usr/x", ["x"], 0x55 /* 1 var */) = 0
                10 <... vfork resumed>) = 11
                11 brk(NULL)       = 0x666666600000
                11 exit_group(0 <unfinished ...>
                11 <... exit_group resumed>) = ?
                11 +++ exited with 0 +++
                10 brk(0x555555642000)       = 0x555555642000
                10 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 11
                """ + EXIT);
        assertEquals(List.of("exec-fail 0x2,0x1", "exec 0x1", "brk 0x0,0x666666600000", "exit 0x0"), Logs.ops(t, 1));
        assertEquals(0x555555600000L, t.image(0).heapStart());
        assertEquals(0x666666600000L, t.image(1).heapStart());
        assertEquals(t.plannedFaults(), ModelReplay.run(t, 1));
    }

    @Test
    void shouldTakeTextForTextWhenArgumentsLookLikeSyntax() throws TraceException {
        Trace t = Logs.plan("""
                10 execve("/bin/a \\"q\\" = 3", ["<... x resumed>) = 1", " <unfinished ...>", "a\\n\\t\\303 = \
                -1"..., ...], 0x1 /* 1 var */) = 0
                10 +++ exited with 0 +++
                """);
        assertEquals(List.of("exec 0x0", "exit 0x0"), Logs.ops(t, 0));
        assertEquals("/bin/a \\\"q\\\" = 3", t.path(0));
    }

    @Test
    void shouldRoundLengthsUpAndReadOffsetsWhenMapping() throws TraceException {
        assertEquals(
                List.of(
                        "mmap 0x7f0000000000,0x5000,0x1,0x802,0x3,0x0",
                        "mmap 0x7f0000001000,0x1000,0x5,0x812,0x3,0x1000",
                        "mmap 0x7f0000004000,0x1000,0x3,0x32,0xffffffffffffffff,0x0"),
                opsOf("""
                        10 mmap(NULL, 16400, PROT_READ, MAP_PRIVATE|MAP_DENYWRITE, 4, 0) = 0x7f0000000000
                        10 mmap(0x7f0000001000, 4096, PROT_READ|PROT_EXEC, \
                        MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE, 9, 0x1000) = 0x7f0000001000
                        10 mmap(0x7f0000004000, 1, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, \
                        -1, 0) = 0x7f0000004000
                        """));
    }

    @Test
    void shouldCountFailuresAndUnknownCallsWhenTheyChangeNothing() throws TraceException {
        Trace t = Logs.plan(EXEC + """
                10 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 4, 0) = -1 ENOMEM (Cannot allocate memory)
                10 mlock(0x7f0000000000, 4096) = 0
                10 wait4(-1, 0x7ffc, WNOHANG, NULL) = 0
                """ + EXIT);
        assertEquals(List.of("exec 0x0", "failed 0x6,0xc", "wait-none 0x0", "exit 0x0"), Logs.ops(t, 0));
        assertEquals(1, t.notes().count("call not replayed: mlock"));
    }

    /** Found by the fuzzer: a child that began before its root, by clocks that nobody can trust. */
    @Test
    void shouldBeginRootWithItsExecWhenChildIsOlder() throws TraceException {
        Trace t = Logs.planTimed("""
                100 170000000 execve("/bin/tool") = 0<
                101 0.8 execve("/bin/tool") = 1<
                100 0.9 wait4() = 101<""", false);
        for (int i = 0; i < t.rootCount(); i++) {
            assertTrue(Logs.ops(t, t.root(i)).get(0).startsWith("exec "));
        }
    }

    @Test
    void shouldGiveOrphanToRootWhenItsForkIsNotInTheLog() throws TraceException {
        Trace t = Logs.plan(EXEC + """
                77 execve("/bin/orphan", ["orphan"], 0x1 /* 1 var */) = 0
                10 brk(NULL)       = 0x55550000
                77 +++ exited with 0 +++
                """ + EXIT);
        assertEquals(List.of("exec 0x0", "spawn 0x1", "brk 0x0,0x55550000", "wait 0x1", "exit 0x0"), Logs.ops(t, 0));
        assertEquals(1, t.rootCount());
        assertEquals(1, t.notes().count("creator not in the log: given to a root"));
        assertEquals(t.plannedFaults(), ModelReplay.run(t, 1));
    }

    @Test
    void shouldLetChildExitAtOnceWhenItHasNoLine() throws TraceException {
        Trace t = Logs.plan(EXEC + "10 vfork()       = 99\n" + EXIT);
        assertEquals(List.of("exec 0x0", "vfork 0x1", "wait 0x1", "exit 0x0"), Logs.ops(t, 0));
        assertEquals(List.of("exit 0x0"), Logs.ops(t, 1));
        assertEquals(99, t.proc(1).pid());
        assertEquals(1, t.notes().count("process without lines, exits at once (record with strace -f)"));
    }

    @Test
    void shouldKeepStatusWhenChildWithoutLinesIsAwaited() throws TraceException {
        Trace t = Logs.plan(EXEC + """
                10 clone(child_stack=NULL, flags=SIGCHLD) = 99
                10 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 7}], 0, NULL) = 99
                """ + EXIT);
        assertEquals(List.of("exec 0x0", "fork 0x1", "wait 0x1", "exit 0x0"), Logs.ops(t, 0));
        assertEquals(List.of("exit 0x7"), Logs.ops(t, 1));
    }

    @Test
    void shouldStillReapWhenNobodyWaited() throws TraceException {
        Trace t = Logs.plan(EXEC + "10 clone(child_stack=NULL, flags=SIGCHLD) = 11\n11 +++ exited with 0 +++\n" + EXIT);
        assertEquals(List.of("exec 0x0", "fork 0x1", "wait 0x1", "exit 0x0"), Logs.ops(t, 0));
    }
}
