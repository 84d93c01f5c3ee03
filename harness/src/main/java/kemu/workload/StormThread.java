package kemu.workload;

import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;

/**
 * What one thread of an {@link OperationStorm} has and what it knows of its memory; operations work on it. A child gets
 * one of its own, with what its parent knows when it is forked.
 */
final class StormThread {
    private final OperationStorm storm;
    private final int task;
    private final int id;
    private final int depth;
    private final SplittableRandom random;
    private final UserProgram user;
    private final OwnRange own;
    private final CommonRange common;
    private final StripedRange stripes;
    /** Null where the storm has no files, as the two that follow. */
    private final OwnFile file;

    private final CommonFile commonFile;
    private final FileAccess access;
    private String doing = "begin";

    StormThread(
            OperationStorm storm,
            int task,
            int id,
            int depth,
            SplittableRandom random,
            OwnRange own,
            CommonRange common,
            StripedRange stripes,
            OwnFile file,
            CommonFile commonFile,
            FileAccess access) {
        this.storm = storm;
        this.task = task;
        this.id = id;
        this.depth = depth;
        this.random = random;
        this.own = own;
        this.common = common;
        this.stripes = stripes;
        this.file = file;
        this.commonFile = commonFile;
        this.access = access;
        user = storm.user(id);
    }

    /** What a child knows that is forked now. */
    StormThread forked() {
        int child = storm.nextId();
        return new StormThread(
                storm,
                task,
                child,
                depth + 1,
                random.split(),
                own.forked(),
                common.forked(child),
                stripes.forked(),
                file == null ? null : file.forked(),
                commonFile,
                access == null ? null : access.forked());
    }

    /** The same thread while it has a child. */
    StormThread withChild() {
        return new StormThread(storm, task, id, depth + 1, random, own, common, stripes, file, commonFile, access);
    }

    /** One more thread of the process, which shall touch nothing of this one's. */
    StormThread sibling() {
        return new StormThread(
                storm, task, id, depth, random.split(), own, common, stripes.forked(), file, commonFile, access);
    }

    /** Reads some of what it has; false if the thread cannot go on. */
    boolean verifySome(Cpu cpu) {
        return own.sweep(cpu, user, random) && (file == null || file.read(cpu, access, random));
    }

    /** The workload. */
    OperationStorm storm() {
        return storm;
    }

    /** Number of the thread; that of the thread that it comes from, in a child. */
    int task() {
        return task;
    }

    /** Whose values it writes: of its process. */
    int id() {
        return id;
    }

    /** Generations between it and a thread of the storm. */
    int depth() {
        return depth;
    }

    /** All that it draws comes from here. */
    SplittableRandom random() {
        return random;
    }

    /** Its accesses to memory. */
    UserProgram user() {
        return user;
    }

    /** Its accesses to files. */
    FileAccess access() {
        return access;
    }

    /** Memory that nobody else touches. */
    OwnRange own() {
        return own;
    }

    /** Memory that all threads of the process map, change and write. */
    CommonRange common() {
        return common;
    }

    /** Memory that all threads protect, and each writes its pages of. */
    StripedRange stripes() {
        return stripes;
    }

    /** A file that nobody else changes. */
    OwnFile file() {
        return file;
    }

    /** The file that is everybody's. */
    CommonFile commonFile() {
        return commonFile;
    }

    /** What it does from here on. */
    void doing(String what) {
        doing = what;
    }

    /** What it was doing when it could not go on. */
    String doing() {
        return doing;
    }
}
