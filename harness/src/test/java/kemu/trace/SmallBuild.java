package kemu.trace;

/**
 * A made-up recording with everything a build does, as {@code strace -f -ttt -o} writes it: posix_spawn, vfork, fork
 * into a pipeline, a search along PATH, threads, a death by signal, calls split in halves. Times are a microsecond
 * apart unless a line begins with {@code +N}, which lets N microseconds pass.
 */
final class SmallBuild {
    static final String LOG = Logs.timed("""
            500 execve("/usr/bin/make", ["make", "-j2"], 0x7ffd /* 9 vars */) = 0
            500 brk(NULL)       = 0x555555a00000
            500 mmap(NULL, 1974096, PROT_READ, MAP_PRIVATE|MAP_DENYWRITE, 3, 0) = 0x7f0000000000
            500 mmap(0x7f0000026000, 1400832, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE, 3, 0x26000) \
            = 0x7f0000026000
            500 mmap(0x7f00001cf000, 24576, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE, 3, 0x1ce000) \
            = 0x7f00001cf000
            500 mmap(NULL, 12288, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f00001f0000
            500 mprotect(0x7f00001cf000, 16384, PROT_READ) = 0
            500 mprotect(0x555555600000, 4096, PROT_READ) = 0
            500 munmap(0x7f00001f2000, 4096) = 0
            500 brk(NULL)       = 0x555555a00000
            500 brk(0x555555a21000) = 0x555555a21000
            500 mmap(NULL, 36864, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_STACK, -1, 0) = 0x7f0000300000
            500 clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD, stack=0x7f0000300000, stack_size=0x9000}, 88 \
            <unfinished ...>
            501 execve("/usr/local/bin/cc", ["cc", "-c", "a.c"], 0x555555a01000 /* 9 vars */) \
            = -1 ENOENT (No such file or directory)
            501 execve("/usr/bin/cc", ["cc", "-c", "a.c"], 0x555555a01000 /* 9 vars */ <unfinished ...>
            500 <... clone3 resumed>) = 501
            500 munmap(0x7f0000300000, 36864 <unfinished ...>
            501 <... execve resumed>) = 0
            500 <... munmap resumed>) = 0
            500 wait4(-1,  <unfinished ...>
            501 brk(NULL)       = 0x555556000000
            501 mmap(NULL, 790528, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f1000000000
            501 mremap(0x7f1000000000, 790528, 1581056, MREMAP_MAYMOVE) = 0x7f1001000000
            501 madvise(0x7f1001000000, 8192, MADV_DONTNEED) = 0
            501 mmap(NULL, 1099511627776, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) \
            = -1 ENOMEM (Cannot allocate memory)
            501 exit_group(0)   = ?
            501 +++ exited with 0 +++
            500 <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 501
            500 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=501, si_uid=0, si_status=0} ---
            500 wait4(-1, 0x7ffd0000, WNOHANG, NULL) = -1 ECHILD (No child processes)
            500 vfork( <unfinished ...>
            502 execve("./tool.sh", ["./tool.sh"], 0x555555a02000 /* 9 vars */) = 0
            500 <... vfork resumed>) = 502
            502 brk(NULL)       = 0x555557000000
            502 brk(0x555557021000 <unfinished ...>
            500 wait4(-1,  <unfinished ...>
            502 <... brk resumed>) = 0x555557021000
            502 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, \
            child_tidptr=0x7f20) = 503
            503 brk(0x555557042000) = 0x555557042000
            502 wait4(-1,  <unfinished ...>
            503 exit_group(3)   = ?
            503 +++ exited with 3 +++
            502 <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 503
            502 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=503, si_uid=0, si_status=3} ---
            502 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD <unfinished ...>
            504 execve("./fault", ["./fault"], 0x555557001000 /* 9 vars */) = 0
            502 <... clone resumed>, child_tidptr=0x7f20) = 504
            504 --- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---
            504 +++ killed by SIGSEGV +++
            502 wait4(-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV}], 0, NULL) = 504
            502 exit_group(139) = ?
            502 +++ exited with 139 +++
            500 <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 139}], 0, NULL) = 502
            500 mmap(NULL, 8392704, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_STACK, -1, 0) = 0x7f0010000000
            500 mprotect(0x7f0010001000, 8388608, PROT_READ|PROT_WRITE) = 0
            500 clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM|CLONE_SETTLS, \
            child_tid=0x7f0010800990, parent_tid=0x7f0010800990, exit_signal=0, stack=0x7f0010000000, \
            stack_size=0x7fff80, tls=0x7f00108006c0} => {parent_tid=[505]}, 88) = 505
            505 madvise(0x7f0010000000, 8368128, MADV_DONTNEED) = 0
            505 exit(0)         = ?
            505 +++ exited with 0 +++
            500 exit_group(2)   = ?
            500 +++ exited with 2 +++
            """);

    private SmallBuild() {}
}
