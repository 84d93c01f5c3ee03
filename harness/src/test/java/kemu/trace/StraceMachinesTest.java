package kemu.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import kemu.trace.model.Op;
import kemu.trace.model.ProcessImage;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceException;
import kemu.trace.stat.TraceStat;
import org.junit.jupiter.api.Test;

/** Logs of other machines, other C libraries, other selections of calls. */
class StraceMachinesTest {
    /** Of an strace 4.5 on i386: mmap2 in pages, old_mmap, waitpid, addresses that prelink gave. */
    private static final String I386 = """
            execve("/bin/sh", ["sh", "-c", "true"], [/* 46 vars */]) = 0
            brk(0)                                  = 0x9a3e000
            old_mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0xb7f6e000
            open("/etc/ld.so.cache", O_RDONLY)      = 3
            mmap2(NULL, 57018, PROT_READ, MAP_PRIVATE, 3, 0) = 0xb7f60000
            mmap2(NULL, 1418864, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_DENYWRITE, 3, 0) = 0x4d6b8000
            mmap2(0x4d80d000, 12288, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE, 3, 0x155) = 0x4d80d000
            set_thread_area({entry_number:-1 -> 6, base_addr:0xb7f6e6c0, limit:1048575, seg_32bit:1}) = 0
            mprotect(0x4d80d000, 8192, PROT_READ)   = 0
            mprotect(0x4d6b4000, 4096, PROT_READ)   = 0
            mprotect(0x80ad000, 8192, PROT_READ)    = 0
            munmap(0xb7f60000, 57018)               = 0
            brk(0x9a5f000)                          = 0x9a5f000
            rt_sigaction(SIGCHLD, NULL, {SIG_DFL}, 8) = 0
            clone(Process 2314 attached (waiting for parent)
            Process 2314 resumed (parent 2313 ready)
            child_stack=0, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0xb7f6e708) = 2314
            [pid  2313] waitpid(-1, Process 2313 suspended
             <unfinished ...>
            [pid  2314] execve("/bin/true", ["true"], [/* 46 vars */]) = 0
            [pid  2314] brk(0)                      = 0x804d000
            [pid  2314] exit_group(0)               = ?
            Process 2313 resumed
            Process 2314 detached
            <... waitpid resumed> [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0) = 2314
            --- SIGCHLD (Child exited) @ 0 (0) ---
            sigreturn()                             = ? (mask now [])
            waitpid(-1, 0xbf8a1c2c, WNOHANG)        = -1 ECHILD (No child processes)
            exit_group(0)                           = ?
            Process 2313 detached
            """;

    private static Trace plan(String log) throws TraceException {
        Trace t = Logs.planTimed(log, false);
        assertEquals(t.plannedFaults(), ModelReplay.run(t, 1));
        return t;
    }

    @Test
    void shouldKnowCallsOfThirtyTwoBitsWhenLogIsOld() throws TraceException {
        Trace t = plan(I386);
        assertEquals(
                List.of(
                        "exec 0x0",
                        "brk 0x0,0x9a3e000",
                        "mmap 0xb7f6e000,0x1000,0x3,0x22,0xffffffffffffffff,0x0",
                        "mmap 0xb7f60000,0xe000,0x1,0x2,0x3,0x0",
                        "mmap 0x4d6b8000,0x15b000,0x5,0x802,0x4,0x0",
                        "mmap 0x4d80d000,0x3000,0x3,0x812,0x4,0x155000",
                        "mprotect 0x4d80d000,0x2000,0x1",
                        "mprotect 0x4d6b4000,0x1000,0x1",
                        "mprotect 0x80ad000,0x2000,0x1",
                        "munmap 0xb7f60000,0xe000",
                        "brk 0x9a5f000,0x9a5f000",
                        "fork 0x1",
                        "wait 0x1",
                        "wait-none 0xa",
                        "exit 0x0"),
                Logs.ops(t, 0));
        assertEquals(List.of("exec 0x1", "brk 0x0,0x804d000", "exit 0x0"), Logs.ops(t, 1));
        assertEquals(List.of(2313, 2314), List.of(t.proc(0).pid(), t.proc(1).pid()));
        assertEquals("-f no times, pids in brackets, 32-bit x86", t.form().text());
        ProcessImage sh = t.image(0);
        for (int i = 0; i < sh.segments(); i++) {
            if ((sh.prot(i) & Op.PROT_WRITE) != 0 && sh.file(i) >= 0) {
                assertEquals(sh.kind(i) == ProcessImage.EXE ? 0x80ad000L : 0x4d6b4000L, sh.start(i));
            }
        }
    }

    @Test
    void shouldTakeStructAndBytesWhenStraceIsNew() throws TraceException {
        Trace t = plan("""
                execve("/bin/busybox", ["sh"], 0xbef5fd54 /* 12 vars */) = 0
                set_tls(0xb6fd3df8) = 0
                brk(NULL) = 0x1f5000
                mmap2(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0xb6fa0000
                mmap2(NULL, 8192, PROT_READ, MAP_PRIVATE, 3, 0x2000) = 0xb6f90000
                mmap({addr=NULL, len=4096, prot=PROT_READ, flags=MAP_PRIVATE, fd=3, offset=4096}) = 0xb6f80000
                vfork() = 77
                waitid(P_ALL, 0, {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=77, si_status=0}, WEXITED, NULL) = 0
                exit_group(0) = ?
                +++ exited with 0 +++
                """);
        assertEquals(
                List.of(
                        "exec 0x0",
                        "brk 0x0,0x1f5000",
                        "mmap 0xb6fa0000,0x2000,0x3,0x22,0xffffffffffffffff,0x0",
                        "mmap 0xb6f90000,0x2000,0x1,0x2,0x2,0x2000",
                        "mmap 0xb6f80000,0x1000,0x1,0x2,0x3,0x1000",
                        "vfork 0x1",
                        "wait 0x1",
                        "exit 0x0"),
                Logs.ops(t, 0));
        assertEquals("no -f no times, no pids, 32-bit arm", t.form().text());
    }

    @Test
    void shouldFoldAddressesWhenUserSpaceIsLarger() throws TraceException {
        Trace t = plan("""
                10 execve("/usr/bin/ls", ["ls"], 0xffffd3a0 /* 9 vars */) = 0
                10 brk(NULL) = 0xaaaae5a7c000
                10 mmap(NULL, 1826912, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_DENYWRITE, 3, 0) = 0xffff8a2c1000
                10 mprotect(0xffff8a47d000, 4096, PROT_READ) = 0
                10 mprotect(0xaaaac6c1f000, 4096, PROT_READ) = 0
                10 exit_group(0) = ?
                10 +++ exited with 0 +++
                """);
        assertEquals(
                List.of(
                        "exec 0x0",
                        "brk 0x0,0x2aaae5a7c000",
                        "mmap 0x7fff8a2c1000,0x1bf000,0x5,0x802,0x3,0x0",
                        "mprotect 0x7fff8a47d000,0x1000,0x1",
                        "mprotect 0x2aaac6c1f000,0x1000,0x1",
                        "exit 0x0"),
                Logs.ops(t, 0));
        assertEquals("-f no times, pids in column 1, 64-bit arm", t.form().text());
    }

    @Test
    void shouldReplayProcessesWhenOnlyTheyAreRecorded() throws TraceException {
        Trace t = plan("""
                10 execve("/bin/sh", ["sh"], 0x7ffd /* 9 vars */) = 0
                10 fork() = 11
                11 execve("/bin/a", ["a"], 0x7ffd /* 9 vars */) = 0
                11 +++ exited with 1 +++
                10 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 1}], 0, NULL) = 11
                10 +++ exited with 0 +++
                """);
        assertEquals(List.of("exec 0x0", "fork 0x1", "wait 0x1", "exit 0x0"), Logs.ops(t, 0));
        assertEquals(
                List.of("times", "memory calls", "page faults (medians taken)"),
                t.form().lacks());
    }

    @Test
    void shouldGuessTheTreeWhenOnlyFilesAreRecorded() throws TraceException {
        Trace t = plan("""
                10 execve("/bin/sh", ["sh"], 0x7ffd /* 9 vars */) = 0
                10 openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3
                11 execve("/bin/a", ["a"], 0x7ffd /* 9 vars */) = 0
                11 openat(AT_FDCWD, "x", O_RDONLY) = -1 ENOENT (No such file or directory)
                11 +++ exited with 1 +++
                10 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=11, si_uid=0, si_status=1} ---
                10 +++ exited with 0 +++
                """);
        assertEquals(List.of("exec 0x0", "spawn 0x1", "wait 0x1", "exit 0x0"), Logs.ops(t, 0));
        assertEquals(
                List.of("times", "memory calls", "clone and fork", "waits", "page faults (medians taken)"),
                t.form().lacks());
        assertEquals(2, t.notes().count("calls that change neither memory nor processes"));
    }

    @Test
    void shouldMakeUpAnImageWhenRootWasAttached() throws TraceException {
        Trace t = plan("""
                10 restart_syscall(<... resuming interrupted nanosleep ...>) = 0
                10 brk(0x555555a21000) = 0x555555a21000
                10 mprotect(0x7f0000000000, 8192, PROT_READ) = 0
                10 mremap(0x7f1000000000, 4096, 8192, MREMAP_MAYMOVE) = 0x7f1100000000
                10 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 9
                10 pause( <detached ...>
                """);
        assertEquals(
                List.of(
                        "exec 0x0",
                        "brk 0x555555a21000,0x555555a21000",
                        "mprotect 0x7f0000000000,0x2000,0x1",
                        "mmap 0x7f1000000000,0x1000,0x3,0x32,0xffffffffffffffff,0x0",
                        "mremap 0x7f1000000000,0x1000,0x2000,0x7f1100000000",
                        "wait-none 0x0",
                        "exit 0x0"),
                Logs.ops(t, 0));
        assertEquals(0, TraceStat.of(t).execs());
        assertEquals(0, TraceStat.of(t).exits());
        assertEquals("[attached]", t.proc(0).name());
        assertEquals(1, t.notes().count("memory in use that the log does not map: mapped first"));
    }

    @Test
    void shouldGoOnAsLeaderWhenThreadExecs() throws TraceException {
        Trace t = plan("""
                10 execve("/bin/a", ["a"], 0x7ffd /* 9 vars */) = 0
                10 clone(child_stack=0x7f00, flags=CLONE_VM|CLONE_THREAD) = 11
                10 futex(0x1, FUTEX_WAIT, 1, NULL <unfinished ...>
                11 execve("/bin/b", ["b"], 0x7ffd /* 9 vars */ <unfinished ...>
                10 +++ superseded by execve in pid 11 +++
                10 <... execve resumed>) = 0
                10 exit_group(4) = ?
                10 +++ exited with 4 +++
                """);
        assertEquals(List.of("exec 0x0", "thread 0x1", "join 0x1", "exec 0x1", "exit 0x4"), Logs.ops(t, 0));
        assertEquals(List.of("exit 0x0"), Logs.ops(t, 1));
    }

    @Test
    void shouldLeaveOutWhatThreadsDoToEachOthersMemory() throws TraceException {
        Trace t = plan("""
                10 execve("/bin/a", ["a"], 0x7ffd /* 9 vars */) = 0
                10 mmap(NULL, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000
                10 clone(child_stack=0x7f00, flags=CLONE_VM|CLONE_THREAD) = 11
                11 mprotect(0x7f0000000000, 4096, PROT_READ) = 0
                10 munmap(0x7f0000000000, 65536) = 0
                11 exit(0) = ?
                11 +++ exited with 0 +++
                10 exit_group(0) = ?
                10 +++ exited with 0 +++
                """);
        assertEquals(List.of("failed 0x8,0x0", "exit 0x0"), Logs.ops(t, 1), "the other thread may have unmapped it");
        assertEquals(1, t.notes().count("call of a thread on memory that another maps: left out"));
    }

    @Test
    void shouldNameLineWhenCallCannotBe() {
        TraceException e = assertThrows(
                TraceException.class,
                () -> plan("10 execve(\"/bin/a\", [\"a\"], 0x1 /* 1 var */) = 0\n10 munmap(0x12, 4096) = 0\n"));
        assertEquals("log:2: munmap address is not page aligned", e.getMessage());
    }
}
