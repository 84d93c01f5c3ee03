package kemu.results;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as maps, lists, strings, numbers, truth values and null, in the order of the text. */
public final class JsonTree {
    private static final JsonFactory FACTORY = new JsonFactory();
    /** Deeper than anything kemu writes. */
    private static final int DEEPEST = 100;

    private JsonTree() {}

    /**
     * The one object that {@code text} holds.
     *
     * @throws IOException if it holds something else; the message is one line
     */
    public static Map<String, Object> object(String text) throws IOException {
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("does not begin with {");
            }
            Map<String, Object> object = object(parser, 0);
            if (parser.nextToken() != null) {
                throw new IOException("goes on after its end");
            }
            return object;
        } catch (com.fasterxml.jackson.core.JsonProcessingException wrong) {
            throw new IOException(
                    "line " + wrong.getLocation().getLineNr() + ": "
                            + wrong.getOriginalMessage().lines().findFirst().orElse(""),
                    wrong);
        }
    }

    private static Map<String, Object> object(JsonParser parser, int depth) throws IOException {
        Map<String, Object> object = new LinkedHashMap<>();
        // Ends with the object; the parser throws at the end of the text.
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            object.put(name, value(parser, depth + 1));
        }
        return object;
    }

    private static Object value(JsonParser parser, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw new IOException("deeper than " + DEEPEST);
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser, depth);
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                // Ends with the array; the parser throws at the end of the text.
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(parser, depth + 1));
                }
                yield list;
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> parser.getText();
        };
    }
}
