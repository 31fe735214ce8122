using Ambrosia.Emulators.Azure.State;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Ambrosia.Emulators.Azure.Http;

/// <summary>Joins routes with endpoints. Endpoints run one after the other with the state's gate held; they answer or throw an <see cref="ApiException"/>.</summary>
internal sealed class EndpointMap(WebApplication app, AzureState state, RequestPipeline pipeline)
{
    public const string Subscription = "/subscriptions/{subscription}";

    public const string Group = Subscription + "/resourceGroups/{group}";

    public void Map(string method, string pattern, Func<ApiRequest, ApiReply> endpoint) =>
        app.MapMethods(pattern, [method], http => AnswerAsync(http, endpoint));

    /// <summary>The answer to everything that no route knows: Azure's own words for a missing resource.</summary>
    public void MapFallback() => app.MapFallback("{**path}", http => AnswerAsync(http, request =>
        throw new ApiException(404, "NotFound", $"The emulator has nothing at {request.Http.Request.Method} {request.Path}.")));

    private Task AnswerAsync(HttpContext http, Func<ApiRequest, ApiReply> endpoint)
    {
        return pipeline.AnswerAsync(http, request =>
        {
            lock (state.Gate)
            {
                state.Settle();
                try
                {
                    return endpoint(request);
                }
                catch (ApiException refusal)
                {
                    return refusal.Reply;
                }
            }
        });
    }
}
