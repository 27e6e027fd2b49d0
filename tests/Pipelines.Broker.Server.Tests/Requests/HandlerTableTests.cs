using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Tests.Requests;

public sealed class HandlerTableTests
{
    [Fact]
    public void What_is_advertised_has_a_handler_and_what_has_a_handler_is_advertised() => Assert.Equal(
        Api.All.Where(static api => !api.Served.IsEmpty).Select(static api => api.Key),
        Enum.GetValues<ApiKey>().Where(static key => HandlerTable.Find(key) is not null).Order());
}
