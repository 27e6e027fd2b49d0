import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Kafka's own Java clients, asked one question at a time.
 * Main BOOTSTRAP CHECK [ID] prints what was seen as one line of JSON; Main BOOTSTRAP reads lines "CHECK ID" and answers each with one.
 */
final class Main {
    interface Check {
        Object facts(At at) throws Exception;
    }

    private static final Map<String, Check> CHECKS = new TreeMap<>();
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        Basics.addTo(CHECKS);
        Reading.addTo(CHECKS);
        Groups.addTo(CHECKS);
        Transactions.addTo(CHECKS);
        Copying.addTo(CHECKS);
        Topics.addTo(CHECKS);
        Configs.addTo(CHECKS);
        GroupCalls.addTo(CHECKS);
        TransactionCalls.addTo(CHECKS);
        Versions.addTo(CHECKS);
        Cleaning.addTo(CHECKS);
        if (args.length > 1) {
            answer(args[0], args[1], args.length > 2 ? args[2] : "by-hand-" + UUID.randomUUID().toString().substring(0, 8));
            System.exit(0);
        }
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = lines.readLine()) != null; ) {
            String[] question = line.split(" ");
            answer(args[0], question[0], question[1]);
        }
        System.exit(0);
    }

    private static void answer(String bootstrap, String name, String id) throws Exception {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("check", name);
        try (At at = new At(bootstrap, id)) {
            Check check = CHECKS.get(name);
            if (check == null) throw new IllegalArgumentException("There is no check '" + name + "'; there are " + CHECKS.keySet());
            answer.put("facts", check.facts(at));
        } catch (Throwable error) {
            var trace = new java.io.StringWriter();
            error.printStackTrace(new java.io.PrintWriter(trace));
            answer.put("error", trace.toString());
        }
        System.out.println(JSON.writeValueAsString(answer));
        System.out.flush();
    }
}
