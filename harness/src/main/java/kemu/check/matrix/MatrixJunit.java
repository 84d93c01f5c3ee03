package kemu.check.matrix;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import kemu.host.SafeFiles;

/**
 * Cells as JUnit XML, which build servers read: a suite per scenario, a test per variant. A cell that is not as
 * expected is a failure, one that proves nothing an error, one that does not apply is skipped. Times are left out: the
 * same seed gives the same bytes.
 */
public final class MatrixJunit {
    private MatrixJunit() {}

    /** Writes {@code file}. */
    public static void write(Path file, List<Cell> cells) throws IOException {
        SafeFiles.writeText(file, out -> write(out, cells));
    }

    private static void write(BufferedWriter out, List<Cell> cells) throws IOException {
        try {
            XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(out);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeCharacters("\n");
            xml.writeStartElement("testsuites");
            xml.writeAttribute("name", "kemu check");
            counts(xml, cells);
            for (String scenario : cells.stream()
                    .map(cell -> cell.subject().scenario())
                    .distinct()
                    .toList()) {
                suite(
                        xml,
                        scenario,
                        cells.stream()
                                .filter(cell -> cell.subject().scenario().equals(scenario))
                                .toList());
            }
            xml.writeEndElement();
            xml.writeCharacters("\n");
            xml.writeEndDocument();
            xml.flush();
        } catch (XMLStreamException failed) {
            throw new IOException(failed.getMessage(), failed);
        }
    }

    private static void suite(XMLStreamWriter xml, String scenario, List<Cell> cells) throws XMLStreamException {
        xml.writeCharacters("\n");
        xml.writeStartElement("testsuite");
        xml.writeAttribute("name", scenario);
        counts(xml, cells);
        for (Cell cell : cells) {
            xml.writeCharacters("\n  ");
            xml.writeStartElement("testcase");
            xml.writeAttribute("classname", scenario);
            xml.writeAttribute(
                    "name", cell.subject().variant() + " " + cell.subject().modelName());
            switch (outcome(cell)) {
                case "failure" -> outcome(xml, "failure", cell);
                case "error" -> outcome(xml, "error", cell);
                case "skipped" -> outcome(xml, "skipped", cell);
                default -> {}
            }
            xml.writeEndElement();
        }
        xml.writeCharacters("\n");
        xml.writeEndElement();
    }

    private static void counts(XMLStreamWriter xml, List<Cell> cells) throws XMLStreamException {
        List<String> outcomes =
                new ArrayList<>(cells.stream().map(MatrixJunit::outcome).toList());
        xml.writeAttribute("tests", Integer.toString(cells.size()));
        for (String each : List.of("failure", "error", "skipped")) {
            long count = outcomes.stream().filter(each::equals).count();
            xml.writeAttribute(each.equals("skipped") ? each : each + "s", Long.toString(count));
        }
    }

    private static String outcome(Cell cell) {
        return switch (cell.status()) {
            case AS_EXPECTED -> "";
            case DIFFERS, KIND_DIFFERS -> "failure";
            case BROKEN, UNKNOWN -> "error";
            case NOT_APPLICABLE -> "skipped";
        };
    }

    private static void outcome(XMLStreamWriter xml, String element, Cell cell) throws XMLStreamException {
        xml.writeStartElement(element);
        String remark = cell.remark().replace("*", "");
        if (element.equals("failure")) {
            xml.writeAttribute(
                    "message", "expected " + cell.expected() + ", found " + cell.foundWords() + ": " + remark);
            xml.writeAttribute("type", cell.foundWords());
            xml.writeCharacters(cell.headline() + (cell.replay() == null ? "" : "\nschedule: " + cell.replay()));
        } else {
            xml.writeAttribute("message", remark);
            if (element.equals("error")) {
                xml.writeAttribute("type", cell.status().words());
            }
        }
        xml.writeEndElement();
    }
}
