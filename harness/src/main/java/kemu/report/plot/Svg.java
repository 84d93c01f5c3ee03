package kemu.report.plot;

import java.awt.Dimension;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicInteger;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.apache.batik.svggen.SVGIDGenerator;
import org.jfree.chart.JFreeChart;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** A chart as an element of a page. */
final class Svg {
    private static final String NAMESPACE = "http://www.w3.org/2000/svg";
    /** Digits after the point of a coordinate in pixels. */
    private static final int PRECISION = 1;

    /** What is written into every picture, under the same name, and never filled. */
    private static final String EMPTY = "<defs id=\"genericDefs\"\\s*/>";

    /** Names in a page are its own, however many pictures it has. */
    private static final AtomicInteger NAMES = new AtomicInteger();

    private Svg() {}

    /** {@code chart}, told as {@code label} to who cannot see it. */
    static String of(JFreeChart chart, String label, int width, int height) throws IOException {
        Document document = document();
        SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
        context.setComment("");
        context.setPrecision(PRECISION);
        context.setIDGenerator(new SVGIDGenerator() {
            @Override
            public String generateID(String prefix) {
                return prefix + NAMES.incrementAndGet();
            }
        });
        SVGGraphics2D graphics = new SVGGraphics2D(context, false);
        graphics.setSVGCanvasSize(new Dimension(width, height));
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        chart.draw(graphics, new Rectangle2D.Double(0, 0, width, height));
        Element root = graphics.getRoot();
        root.setAttribute("viewBox", "0 0 " + width + " " + height);
        root.setAttribute("role", "img");
        root.setAttribute("aria-label", label);
        StringWriter written = new StringWriter();
        graphics.stream(root, written, false, false);
        String text = written.toString();
        return text.substring(text.indexOf("<svg")).replaceFirst(EMPTY, "");
    }

    private static Document document() throws IOException {
        try {
            return DocumentBuilderFactory.newDefaultInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument(NAMESPACE, "svg", null);
        } catch (ParserConfigurationException impossible) {
            throw new IOException(impossible);
        }
    }
}
