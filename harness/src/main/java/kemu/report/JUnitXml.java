package kemu.report;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import kemu.host.SafeFiles;

/** Results in the XML that build servers read: one suite, a case for each thing that was tried. */
public final class JUnitXml {
    /** How a case ended. */
    public enum Kind {
        /** As it should. */
        PASSED,
        /** Not as it should. */
        FAILURE,
        /** It could not be tried, through a fault of the program. */
        ERROR,
        /** It was not decided. */
        SKIPPED
    }

    /**
     * A case.
     *
     * @param group what it belongs to, as a class name
     * @param seconds wall time, or {@link #NO_TIME}
     * @param message one line; null if passed
     * @param detail more lines; null if there are none
     */
    public record Case(String group, String name, double seconds, Kind kind, String message, String detail) {}

    /** Of a case whose time is not written, so that the same seed gives the same bytes. */
    public static final double NO_TIME = -1;

    private JUnitXml() {}

    /** Writes the suite {@code name} to {@code file}. */
    public static void write(Path file, String name, List<Case> cases) throws IOException {
        SafeFiles.writeText(file, text -> write(text, name, cases));
    }

    private static void write(Writer text, String name, List<Case> cases) throws IOException {
        try {
            XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeCharacters("\n");
            xml.writeStartElement("testsuite");
            xml.writeAttribute("name", clean(name));
            xml.writeAttribute("tests", Integer.toString(cases.size()));
            xml.writeAttribute("failures", count(cases, Kind.FAILURE));
            xml.writeAttribute("errors", count(cases, Kind.ERROR));
            xml.writeAttribute("skipped", count(cases, Kind.SKIPPED));
            time(xml, cases.stream().mapToDouble(Case::seconds).sum());
            for (Case one : cases) {
                write(xml, one);
            }
            xml.writeCharacters("\n");
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.flush();
        } catch (XMLStreamException wrong) {
            throw new IOException(wrong);
        }
    }

    private static void write(XMLStreamWriter xml, Case one) throws XMLStreamException {
        xml.writeCharacters("\n  ");
        xml.writeStartElement("testcase");
        xml.writeAttribute("classname", clean(one.group));
        xml.writeAttribute("name", clean(one.name));
        time(xml, one.seconds);
        if (one.kind != Kind.PASSED) {
            xml.writeStartElement(one.kind.name().toLowerCase(Locale.ROOT));
            xml.writeAttribute("message", clean(String.valueOf(one.message)));
            if (one.detail != null) {
                xml.writeCharacters(clean(one.detail));
            }
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }

    private static String count(List<Case> cases, Kind kind) {
        return Long.toString(cases.stream().filter(one -> one.kind == kind).count());
    }

    private static void time(XMLStreamWriter xml, double seconds) throws XMLStreamException {
        if (seconds >= 0) {
            xml.writeAttribute("time", String.format(Locale.ROOT, "%.3f", seconds));
        }
    }

    /** XML has no way to write most control characters. */
    private static String clean(String text) {
        return text.replaceAll("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]", "?")
                .replaceAll("[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]", "?");
    }
}
