using System.Reflection;
using Microsoft.Extensions.Logging;
using SmtpProxy.Sessions;

namespace SmtpProxy.Tests.Architecture;

/// <summary>Event ids: operators select log lines by them.</summary>
public sealed class EventIdTests
{
    private static readonly (int Id, string Method)[] Messages =
    [
        .. from type in typeof(SessionHost).Assembly.GetTypes()
           from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
               | BindingFlags.DeclaredOnly)
           let message = method.GetCustomAttribute<LoggerMessageAttribute>()
           where message is not null
           select (message.EventId, $"{type.Name}.{method.Name}"),
    ];

    [Fact]
    public void EventId_OfEachMessage_IsSetAndNoOtherMessageHasIt()
    {
        Assert.NotEmpty(Messages);
        Assert.Empty(from message in Messages where message.Id <= 0 select message.Method);
        Assert.Empty(from message in Messages
                     group message.Method by message.Id into same
                     where same.Count() > 1
                     select $"{same.Key}: {string.Join(", ", same)}");
    }
}
