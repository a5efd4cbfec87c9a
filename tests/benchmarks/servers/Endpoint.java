import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.jena.query.Dataset;
import org.apache.jena.query.QueryCancelledException;
import org.apache.jena.query.QueryExecution;
import org.apache.jena.query.QueryFactory;
import org.apache.jena.query.ReadWrite;
import org.apache.jena.riot.Lang;
import org.apache.jena.riot.ResultSetMgr;
import org.apache.jena.riot.resultset.ResultSetLang;
import org.apache.jena.riot.system.StreamRDFWriter;
import org.apache.jena.tdb2.TDB2Factory;

/**
 * A SPARQL endpoint over one Jena TDB2 folder: what Fuseki does to a query, where only Jena's own jars are at hand.
 * It reads a form with `query`, in a read transaction, and streams JSON or N-Triples. It has no other protection than a
 * time limit. Arguments: port, folder, seconds, threads.
 */
public final class Endpoint {
    private final Dataset dataset;
    private final long seconds;

    private Endpoint(Dataset dataset, long seconds) {
        this.dataset = dataset;
        this.seconds = seconds;
    }

    public static void main(String[] arguments) throws IOException {
        Dataset dataset = TDB2Factory.connectDataset(arguments[1]);
        Endpoint endpoint = new Endpoint(dataset, Long.parseLong(arguments[2]));
        InetSocketAddress address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
        HttpServer server = HttpServer.create(address, 0);
        server.createContext("/sparql", endpoint::answer);
        server.setExecutor(Executors.newFixedThreadPool(Integer.parseInt(arguments[3])));
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        dataset.begin(ReadWrite.READ);
        try (QueryExecution execution = QueryExecution.dataset(dataset)
                .query(QueryFactory.create(query(exchange)))
                .timeout(seconds, TimeUnit.SECONDS)
                .build()) {
            write(execution, exchange);
        } catch (RuntimeException fault) {
            fail(exchange, fault);
        } finally {
            dataset.end();
            exchange.close();
        }
    }

    private static String query(HttpExchange exchange) throws IOException {
        String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        for (String field : form.split("&")) {
            if (field.startsWith("query=")) {
                return URLDecoder.decode(field.substring("query=".length()), StandardCharsets.UTF_8);
            }
        }
        throw new IllegalArgumentException("no query");
    }

    private static void write(QueryExecution execution, HttpExchange exchange) throws IOException {
        boolean isGraph = !execution.getQuery().isSelectType() && !execution.getQuery().isAskType();
        exchange.getResponseHeaders()
                .set("Content-Type", isGraph ? "application/n-triples" : "application/sparql-results+json");
        if (isGraph) {
            var triples = execution.getQuery().isDescribeType()
                    ? execution.execDescribeTriples()
                    : execution.execConstructTriples();
            try (OutputStream output = begun(exchange)) {
                var stream = StreamRDFWriter.getWriterStream(output, Lang.NTRIPLES);
                stream.start();
                triples.forEachRemaining(stream::triple);
                stream.finish();
            }
        } else if (execution.getQuery().isAskType()) {
            boolean holds = execution.execAsk();
            try (OutputStream output = begun(exchange)) {
                ResultSetMgr.write(output, holds, ResultSetLang.RS_JSON);
            }
        } else {
            var rows = execution.execSelect();
            rows.hasNext(); // what fails at once fails before the status is sent
            try (OutputStream output = begun(exchange)) {
                ResultSetMgr.write(output, rows, ResultSetLang.RS_JSON);
            }
        }
    }

    private static OutputStream begun(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        return new BufferedOutputStream(exchange.getResponseBody(), 1 << 16);
    }

    private static void fail(HttpExchange exchange, RuntimeException fault) throws IOException {
        byte[] said = fault.toString().getBytes(StandardCharsets.UTF_8);
        if (exchange.getResponseCode() < 0) {
            int status = fault instanceof QueryCancelledException ? 503 : 400;
            exchange.sendResponseHeaders(status, said.length);
            exchange.getResponseBody().write(said);
        }
    }
}
