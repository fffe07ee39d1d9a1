using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SmtpProxy.Admin.Requests;

/// <summary>How answers are written, made by the compiler: what is found out by reflection is found out at each start, and native code has
/// none. Nothing is written otherwise; what is missing here and in the others of this kind does not compile.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ReadyAnswer))]
[JsonSerializable(typeof(NotReadyAnswer))]
[JsonSerializable(typeof(LoginApi.LoginRequest))]
[JsonSerializable(typeof(LoginApi.LoginState))]
internal sealed partial class RequestsJson : JsonSerializerContext
{
    /// <summary>As it is sent.</summary>
    public static RequestsJson Sent { get; } = new(Readable());

    /// <summary>As ASP.NET writes what it sends: quotes and brackets stay readable, since it goes to a program, not into a page.</summary>
    public static JsonSerializerOptions Readable() => new(JsonSerializerDefaults.Web)
        { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
