package kemu.check.file;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;

/**
 * A read fault on a page that becomes a hole. The end of the file does not move, so all that tells the fault that its
 * page has gone is that it is not the file's any more.
 */
final class PunchFault implements FileScenario {
    @Override
    public String name() {
        return "file-punch-fault";
    }

    @Override
    public String description() {
        return "fallocate(FALLOC_FL_PUNCH_HOLE) against a read fault that has found the page in the cache";
    }

    @Override
    public String source() {
        return "Linux 3.4 mm/truncate.c truncate_pagecache_range(), mm/filemap.c filemap_fault()";
    }

    @Override
    public List<String> variants() {
        return List.of(CURRENT, "mapping-not-checked");
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals(CURRENT) ? Expectation.HOLDS : Expectation.fails(FailureKind.USER_MEMORY);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        FileScene file = new FileScene(kernel, scene.cpu(1), true);
        kernel.pages().putPage(scene.cpu(1), file.readPage1(scene.cpu(1)));
        scene.task(0, "fault", cpu -> {
            int code = kernel.faults().handleMmFault(cpu, file.mm, FileScene.PAGE_1, false);
            if (code < 0) {
                throw new SceneBroken("the fault fails with " + code);
            }
        });
        scene.task(1, "punch", file::punch);
        return cpu -> {
            file.holds(cpu, FileScene.PAGE_1, 0, 0);
            file.exit(cpu);
        };
    }
}
