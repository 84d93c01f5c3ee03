package kemu.check.file;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.fault.Faults;

/**
 * A fault on a page that is cut off meanwhile. Whichever comes first, the page is not mapped in the end: neither the
 * file's nor a private copy of it.
 *
 * <p>The fault looks at the end of the file, then finds the page, locks it, and looks again. Between the first look and
 * the last the truncation may pass in whole or in part: up to its first unmapping (then the fault maps a page behind
 * its back, which only the second unmapping meets, if it is a copy), up to the removal of the page from the cache (then
 * the fault has a page of no file), or beyond (then the fault reads the page in anew).
 */
final class TruncateFault implements FileScenario {
    private final String name;
    private final String description;
    private final boolean write;
    private final boolean cached;
    private final List<String> variants;

    /** A private write or a read, of a page that is in the cache or not. */
    TruncateFault(String name, String description, boolean write, boolean cached, List<String> variants) {
        this.name = name;
        this.description = description;
        this.write = write;
        this.cached = cached;
        this.variants = variants;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public String source() {
        return "Linux 2.6.36 mm/truncate.c truncate_pagecache(), mm/filemap.c filemap_fault()";
    }

    @Override
    public List<String> variants() {
        return variants;
    }

    @Override
    public int deviations(MemoryModel model) {
        return cached ? FileScenario.super.deviations(model) : FEW_DEVIATIONS;
    }

    @Override
    public Expectation expected(Subject subject) {
        return switch (subject.variant()) {
            case "first-pass-only", "size-not-checked", "size-last" -> Expectation.fails(FailureKind.BEYOND_END);
            // What the first pass would have unmapped is unmapped page by page: it only saves time. A page that has
            // left
            // the file lies beyond the end, too: that the fault looks where it belongs is for holes (file-punch-fault).
            default -> Expectation.HOLDS;
        };
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        FileScene file = new FileScene(kernel, scene.cpu(1), !write);
        if (cached) {
            kernel.pages().putPage(scene.cpu(1), file.readPage1(scene.cpu(1)));
        }
        scene.task(0, "fault", cpu -> {
            int code = kernel.faults().handleMmFault(cpu, file.mm, FileScene.PAGE_1, write);
            if (code < 0 && code != Faults.SIGBUS) {
                throw new SceneBroken("the fault fails with " + code);
            }
        });
        scene.task(1, "truncate", file::truncate);
        return cpu -> {
            file.isCutOff(cpu);
            file.exit(cpu);
        };
    }
}
