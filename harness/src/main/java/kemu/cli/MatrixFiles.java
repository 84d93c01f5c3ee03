package kemu.cli;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import kemu.check.matrix.Cell;
import kemu.check.matrix.Matrix;
import kemu.check.matrix.MatrixHtml;
import kemu.check.matrix.MatrixJson;
import kemu.check.matrix.MatrixJunit;
import kemu.check.scenario.Subject;
import kemu.host.SafeFiles;
import kemu.report.Provenance;
import kemu.report.Sarif;
import kemu.soak.RunFolder;

/**
 * What {@code kemu check all} leaves: {@code check.json}, {@code junit.xml}, {@code report.html}, and of every cell
 * that is not as expected {@code cells/SCENARIO/VARIANT/schedule.kemu} with its report and dump. A file that cannot be
 * written is named, and the others are written all the same.
 */
final class MatrixFiles {
    private static final String CELLS = "cells";

    private final Path out;
    private final Path junit;
    private final Path sarif;
    private final List<String> arguments;

    /** Writes to {@code out}, and JUnit XML to {@code junit} and SARIF to {@code sarif} unless these are null. */
    MatrixFiles(Path out, Path junit, Path sarif, List<String> arguments) {
        this.out = out;
        this.junit = junit;
        this.sarif = sarif;
        this.arguments = arguments;
    }

    /** Files of one cell, below {@link #folder}. */
    CheckFiles of(Subject subject) {
        return new CheckFiles(out.resolve(folder(subject)), arguments);
    }

    /** Makes the directory, and removes what an earlier run has left there. */
    void prepare() {
        try {
            RunFolder.prepare(out);
            Files.deleteIfExists(out.resolve("junit.xml"));
            Path cells = out.resolve(CELLS);
            if (Files.isDirectory(cells, LinkOption.NOFOLLOW_LINKS)) {
                Files.walkFileTree(cells, new Remover());
            }
        } catch (IOException unwritable) {
            notWritten(out, unwritable);
        }
    }

    /** Where what a cell leaves goes, below the directory. */
    Path folder(Subject subject) {
        return Path.of(CELLS, plain(subject.scenario()), plain(subject.variant()));
    }

    /** Names of plugins may hold anything. */
    private static String plain(String name) {
        String safe = name.replaceAll("[^A-Za-z0-9._-]", "_");
        return safe.startsWith(".") ? "_" + safe : safe;
    }

    /** Writes the matrix. */
    void write(Matrix matrix) {
        write(out.resolve("check.json"), file -> MatrixJson.write(file, matrix, arguments));
        write(out.resolve(Provenance.ENVIRONMENT), file -> Provenance.writeEnvironment(out, arguments));
        write(out.resolve("junit.xml"), file -> MatrixJunit.write(file, matrix.cells()));
        write(out.resolve("report.html"), file -> MatrixHtml.write(file, matrix));
        writeJunit(matrix.cells());
        if (sarif != null) {
            write(sarif, file -> Sarif.write(file, failures(matrix.cells())));
        }
    }

    /** What is not as it should be in {@code cells}. */
    private List<Sarif.Failure> failures(List<Cell> cells) {
        return cells.stream()
                .filter(cell -> cell.status() == Cell.Status.DIFFERS || cell.status() == Cell.Status.KIND_DIFFERS)
                .map(cell -> new Sarif.Failure(
                        cell.plugin() != null
                                ? "plugin"
                                : cell.found().kind() == null
                                        ? "not-found"
                                        : cell.found().kind().word(),
                        cell.plugin() != null
                                ? cell.plugin()
                                : "expected " + cell.expected() + ", found " + cell.foundWords() + ". "
                                        + cell.headline(),
                        CheckFiles.name(cell.subject()),
                        cell.replay() == null
                                ? null
                                : out.resolve(cell.replay()).toString()))
                .toList();
    }

    /** Writes {@code cells} as JUnit XML to where that was asked for, if it was. */
    void writeJunit(List<Cell> cells) {
        if (junit != null) {
            write(junit, file -> MatrixJunit.write(file, cells));
        }
    }

    @FunctionalInterface
    private interface Body {
        void write(Path file) throws IOException;
    }

    private void write(Path file, Body body) {
        try {
            body.write(file);
        } catch (IOException full) {
            notWritten(file, full);
        }
    }

    private static void notWritten(Path file, IOException why) {
        System.err.println("kemu: " + file + ": not written: " + SafeFiles.reason(why));
    }

    /** Removes all below a directory, and it; does not follow links. */
    private static final class Remover extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, IOException failed) throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
