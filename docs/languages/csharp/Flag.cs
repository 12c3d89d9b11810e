// Asks Phasegate who gets in. Nothing but what .NET brings (8 or later, .NET Framework 4.7 or later, Mono).
//   PHASEGATE_URL=https://beta.example.org dotnet run parking-permit UNIT
using System;
using System.Net.Http;
using System.Runtime.Serialization;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Threading.Tasks;

[DataContract]
public class Answer
{
    [DataMember(Name = "value")] public bool? Value;
    [DataMember(Name = "variant")] public string Variant;
    [DataMember(Name = "reason")] public string Reason;
}

public static class Flags
{
    private static readonly HttpClient Client = new HttpClient
    {
        Timeout = TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("PHASEGATE_TIMEOUT") ?? "1")),
    };

    /// <summary>The answer, or the default where none came in time: asking never throws, nor holds a page up for long.</summary>
    public static async Task<Answer> Flag(string key, string targetingKey, bool fallback)
    {
        try
        {
            var url = Environment.GetEnvironmentVariable("PHASEGATE_URL");
            var question = new HttpRequestMessage(HttpMethod.Post, $"{url}/ofrep/v1/evaluate/flags/{Uri.EscapeDataString(key)}");
            var secret = Environment.GetEnvironmentVariable("PHASEGATE_KEY");
            if (!string.IsNullOrEmpty(secret)) question.Headers.Add("Authorization", "Bearer " + secret);
            var body = "{\"context\":{\"targetingKey\":" + Quoted(targetingKey) + "}}";
            question.Content = new StringContent(body, Encoding.UTF8, "application/json");
            using (var answer = await Client.SendAsync(question))
            using (var json = await answer.Content.ReadAsStreamAsync())
            {
                var said = (Answer)new DataContractJsonSerializer(typeof(Answer)).ReadObject(json);
                // An answer without a value means: the default of the code.
                if (answer.IsSuccessStatusCode && said.Value != null) return said;
            }
        }
        catch (Exception) { }
        return new Answer { Value = fallback, Reason = "ERROR" };
    }

    private static string Quoted(string text)
    {
        using (var written = new System.IO.MemoryStream())
        {
            new DataContractJsonSerializer(typeof(string)).WriteObject(written, text);
            return Encoding.UTF8.GetString(written.ToArray());
        }
    }

    public static void Main(string[] args)
    {
        var said = Flag(args[0], args[1], false).GetAwaiter().GetResult();
        Console.WriteLine($"{said.Value} {said.Variant} {said.Reason}".Replace("  ", " ").Replace("True", "true").Replace("False", "false"));
    }
}
