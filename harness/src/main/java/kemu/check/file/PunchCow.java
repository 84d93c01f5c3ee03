package kemu.check.file;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;

/**
 * A private write to a page that becomes a hole. The file's page goes, and reads as zero bytes; a private copy is the
 * writer's, with what it has written and, in the rest, what the page held when it was copied: all of the old or
 * nothing.
 */
final class PunchCow implements FileScenario {
    private static final long STAMP = 99;

    @Override
    public String name() {
        return "file-punch-cow";
    }

    @Override
    public String description() {
        return "fallocate(FALLOC_FL_PUNCH_HOLE) against a private write to the page";
    }

    @Override
    public String source() {
        return "Linux 3.4 mm/truncate.c truncate_pagecache_range(); 2.6.38 vmtruncate_range()";
    }

    @Override
    public List<String> variants() {
        return List.of(CURRENT, "punch-even-cows");
    }

    @Override
    public int deviations(MemoryModel model) {
        return FEW_DEVIATIONS;
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals(CURRENT) ? Expectation.HOLDS : Expectation.fails(FailureKind.USER_MEMORY);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        FileScene file = new FileScene(kernel, scene.cpu(1), false);
        kernel.pages().putPage(scene.cpu(1), file.readPage1(scene.cpu(1)));
        scene.task(0, "write", cpu -> file.store(cpu, FileScene.PAGE_1 + 64, STAMP));
        scene.task(1, "punch", file::punch);
        return cpu -> {
            file.isHole(cpu);
            file.holds(cpu, FileScene.PAGE_1 + 64, STAMP, STAMP);
            file.holds(cpu, FileScene.PAGE_1, FileScene.contents(), 0);
            file.exit(cpu);
        };
    }
}
