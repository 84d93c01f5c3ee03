package kemu.check.matrix;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import kemu.report.JUnitXml;

/**
 * Cells as JUnit XML: a case per cell. One that is not as expected is a failure, one that proves nothing an error, one
 * that does not apply is skipped. Times are left out: the same seed gives the same bytes.
 */
public final class MatrixJunit {
    private MatrixJunit() {}

    /** Writes {@code file}. */
    public static void write(Path file, List<Cell> cells) throws IOException {
        JUnitXml.write(
                file, "kemu check", cells.stream().map(MatrixJunit::toCase).toList());
    }

    private static JUnitXml.Case toCase(Cell cell) {
        JUnitXml.Kind kind = switch (cell.status()) {
            case AS_EXPECTED -> JUnitXml.Kind.PASSED;
            case DIFFERS, KIND_DIFFERS -> JUnitXml.Kind.FAILURE;
            case BROKEN, UNKNOWN -> JUnitXml.Kind.ERROR;
            case NOT_APPLICABLE -> JUnitXml.Kind.SKIPPED;
        };
        String message = cell.remark().replace("*", "");
        String detail = null;
        if (kind == JUnitXml.Kind.FAILURE) {
            message = "expected " + cell.expected() + ", found " + cell.foundWords() + ": " + message;
            detail = cell.headline() + (cell.replay() == null ? "" : "\nschedule: " + cell.replay());
        }
        String name = cell.subject().variant() + " " + cell.subject().modelName();
        return new JUnitXml.Case(cell.subject().scenario(), name, JUnitXml.NO_TIME, kind, message, detail);
    }
}
