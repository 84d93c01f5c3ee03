package kemu.check.matrix;

import java.util.ArrayList;
import java.util.List;
import kemu.check.matrix.Cell.Status;
import kemu.hw.explore.Result.Verdict;

/** All cells of one run, in the order of the scenarios. */
public final class Matrix {
    private final String scope;
    private final String model;
    private final String search;
    private final long seed;
    private final List<Cell> cells = new ArrayList<>();
    private int notRun;

    /** An empty matrix of {@code kemu check scope}, such as all, on {@code model}. */
    public Matrix(String scope, String model, String search, long seed) {
        this.scope = scope;
        this.model = model;
        this.search = search;
        this.seed = seed;
    }

    /** Adds a cell. */
    public void add(Cell cell) {
        cells.add(cell);
    }

    /** One more cell was not come to, since the run was told to end. */
    public void skip() {
        notRun++;
    }

    String scope() {
        return scope;
    }

    String model() {
        return model;
    }

    String search() {
        return search;
    }

    long seed() {
        return seed;
    }

    /** The cells. */
    public List<Cell> cells() {
        return List.copyOf(cells);
    }

    /** How many cells have come to {@code status}. */
    public long count(Status status) {
        return cells.stream().filter(cell -> cell.status() == status).count();
    }

    /** How many cells apply, run or not. */
    public long applicable() {
        return cells.size() + notRun - count(Status.NOT_APPLICABLE);
    }

    /** How many cells prove nothing: not exhausted, or not come to. */
    public long open() {
        return count(Status.UNKNOWN) + notRun;
    }

    /** FAIL if any cell is not as expected, UNKNOWN if any proves nothing. */
    public Verdict verdict() {
        if (count(Status.DIFFERS) + count(Status.KIND_DIFFERS) > 0) {
            return Verdict.FAIL;
        }
        return open() + count(Status.BROKEN) > 0 ? Verdict.UNKNOWN : Verdict.PASS;
    }

    /** The {@code key=value} pairs of the summary after the verdict. */
    public String counts() {
        return "cells=" + applicable() + " differ=" + count(Status.DIFFERS) + " unknown=" + open() + " kinds_differ="
                + count(Status.KIND_DIFFERS) + " broken=" + count(Status.BROKEN) + " not_applicable="
                + count(Status.NOT_APPLICABLE);
    }
}
